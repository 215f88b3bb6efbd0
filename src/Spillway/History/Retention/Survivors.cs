using System.Buffers.Binary;
using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>Divides a segment's records into those that stay and those that go.</summary>
/// <param name="clear">By rule: whether what may be the newest of a key that is no longer retained may go.</param>
internal sealed class Survivors(RetentionRules rules, Verdict verdict, RetainedKeys keys, bool[] clear)
{
    private readonly Dictionary<byte[], int> _ruleOf = new(NameComparer.Instance); // At most a segment's topics.

    /// <summary>What stays.</summary>
    public SegmentUsage Usage { get; } = new(rules.Count);

    /// <summary>How many records go, by rule and reason.</summary>
    public Dictionary<(int Rule, RetentionReason Reason), long> Gone { get; } = [];

    /// <summary>Those that ended a topic.</summary>
    public List<(byte[] Topic, long Offset)> EndsGone { get; } = [];

    /// <summary>The keys of which the newest stays for this alone.</summary>
    public List<ulong> Beyond { get; } = [];

    /// <summary>It was found that all records stay, and that nothing is to be made anew.</summary>
    public bool AreAll { get; set; }

    /// <summary>
    /// Copies the records that stay. Each is a batch of its own from now on: a start drops what is left of a batch of which a part is missing. Their checksums are for
    /// whoever stores them.
    /// </summary>
    public byte[] Take(ReadOnlySpan<byte> records)
    {
        var kept = new byte[records.Length];
        var length = 0;
        while (!records.IsEmpty)
        {
            var bytes = records[..EventRecord.LengthAt(records)];
            records = records[bytes.Length..];
            var record = new EventRecord(bytes);
            var rule = RuleOf(record.Topic);
            var reason = verdict.Of(rule, record.Offset, record.Time);
            if (!TryKeep(record, rule, reason))
            {
                NoteGone(record, rule, reason);
                continue;
            }

            var copy = kept.AsSpan(length, bytes.Length);
            bytes.CopyTo(copy);
            copy[EventRecord.BatchAt] &= unchecked((byte)~EventRecord.ContinuedBit);
            BinaryPrimitives.WriteUInt16LittleEndian(copy[EventRecord.PlaceAt..], 0);
            length += bytes.Length;
        }

        return kept.AsSpan(0, length).ToArray();
    }

    private bool TryKeep(in EventRecord record, int rule, RetentionReason reason)
    {
        var standing = keys.StandingOf(record, rule, out var key);
        if (reason == RetentionReason.None)
        {
            Usage.Add(rule, record.Offset, record.Bytes.Length, record.Time);
        }
        else if (standing == Standing.Newest || (standing == Standing.Released && !clear[rule]))
        {
            Usage.AddKept(rule, record.Bytes.Length, standing == Standing.Newest);
        }
        else
        {
            return false;
        }

        if (standing == Standing.Newest)
        {
            Usage.NoteRetained();
            if (reason != RetentionReason.None)
            {
                Beyond.Add(key);
            }
        }

        return true;
    }

    private void NoteGone(in EventRecord record, int rule, RetentionReason reason)
    {
        Gone[(rule, reason)] = Gone.GetValueOrDefault((rule, reason)) + 1;
        if ((record.Flags & (EventFlags.Marker | EventFlags.Final)) != 0)
        {
            EndsGone.Add((record.Topic.ToArray(), record.Offset));
        }
    }

    private int RuleOf(ReadOnlySpan<byte> topic)
    {
        var known = _ruleOf.GetAlternateLookup<ReadOnlySpan<byte>>();
        return known.TryGetValue(topic, out var rule) ? rule : known[topic] = rules.IndexFor(topic);
    }
}
