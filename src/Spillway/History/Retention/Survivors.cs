using System.Buffers.Binary;
using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>Divides a segment's records into those that stay and those that go.</summary>
internal sealed class Survivors(RetentionRules rules, Verdict verdict)
{
    private readonly Dictionary<byte[], int> _ruleOf = new(NameComparer.Instance); // At most a segment's topics.

    /// <summary>What stays.</summary>
    public SegmentUsage Usage { get; } = new(rules.Count);

    /// <summary>How many records go, by rule and reason.</summary>
    public Dictionary<(int Rule, RetentionReason Reason), long> Gone { get; } = [];

    /// <summary>Those that ended a topic.</summary>
    public List<(byte[] Topic, long Offset)> EndsGone { get; } = [];

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
            if (reason != RetentionReason.None)
            {
                NoteGone(record, rule, reason);
                continue;
            }

            Usage.Add(rule, record.Offset, bytes.Length, record.Time);
            var copy = kept.AsSpan(length, bytes.Length);
            bytes.CopyTo(copy);
            copy[EventRecord.BatchAt] &= unchecked((byte)~EventRecord.ContinuedBit);
            BinaryPrimitives.WriteUInt16LittleEndian(copy[EventRecord.PlaceAt..], 0);
            length += bytes.Length;
        }

        return kept.AsSpan(0, length).ToArray();
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
