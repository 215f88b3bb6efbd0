using System.Buffers;
using System.Collections.Concurrent;
using Spillway.Backplane;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Hub;

/// <summary>Finds each event's strands and appends it to the window, once; tells the loops that have subscribers. The one writer of window, strands and patterns.</summary>
/// <remarks>
/// Its lock is what makes it one writer: the backplane's thread appends under it, subscribing threads resolve under it. Loops never wait for it.
/// </remarks>
internal sealed partial class Dispatcher(Window window, StrandTable strands, RuleBook rules, IWireEncoder[] encoders, IHistory history) : IEventSink
{
    /// <summary>The lock is let go after as many events, so that a subscriber waits some tens of microseconds at most.</summary>
    private const int EventsPerHold = 64;

    private const int MaxTopics = 16;
    private const int MaxLinks = MaxTopics + PatternTrie.MaxMatches + 1;

    private readonly Lock _gate = new();
    private readonly PatternIndex _patterns = new(strands);
    private readonly ArrayBufferWriter<byte>[] _encoded = [.. Enumerable.Range(0, WireFormats.Count).Select(static _ => new ArrayBufferWriter<byte>())];
    private readonly int[] _formatUse = new int[WireFormats.Count];
    private readonly List<(int Strand, bool Critical, BatchedNews Batched)> _news = [];
    private readonly ConcurrentQueue<(int[] Strands, int Loop)> _released = new(); // At most one a connection; every subscription empties it.
    private DeliveryLoop[] _loops = [];
    private ConflationTable? _conflation; // Made when somebody first needs it.
    private long _unlinkedUpTo; // The newest event of which some topic had no strand, because the limit was reached.
    private long _dispatched;
    private bool _closed;

    /// <summary>Events dispatched, markers included.</summary>
    public long Dispatched => Volatile.Read(ref _dispatched);

    public int PatternCount => _patterns.Count;

    /// <summary>Memory of what finds superseded events; 0 where nobody needs it.</summary>
    public long ConflationBytes => Volatile.Read(ref _conflation)?.Bytes ?? 0;

    /// <summary>Connections of a format.</summary>
    public int ConnectionsOf(WireFormat format) => Volatile.Read(ref _formatUse[(int)format]);

    public void Attach(DeliveryLoop[] loops)
    {
        _loops = loops;
        strands.PatternFreed = _patterns.Remove;
    }

    /// <summary>Counts the connections of a format: events are encoded for those that have any.</summary>
    public void UseFormat(WireFormat format, int change) => Interlocked.Add(ref _formatUse[(int)format], change);

    public void Accept(ReadOnlySpan<byte> records)
    {
        while (!records.IsEmpty)
        {
            lock (_gate)
            {
                if (_closed)
                {
                    return;
                }

                if (_conflation is null && rules.Current.AnyLatest)
                {
                    Conflate();
                }

                for (var i = 0; i < EventsPerHold && !records.IsEmpty; i++)
                {
                    var length = EventRecord.LengthAt(records);
                    Append(new EventRecord(records[..length]));
                    records = records[length..];
                }

                PublishLocked();
                ReleaseAllLocked();
            }

            TryReleaseAll(); // What came just after that look, while the lock was held.
        }
    }

    /// <summary>From now on events are marked that a newer one supersedes, those that are in the window included.</summary>
    public void Conflate()
    {
        if (Volatile.Read(ref _conflation) is not null)
        {
            return;
        }

        lock (_gate)
        {
            if (_conflation is not null || _closed)
            {
                return;
            }

            var table = new ConflationTable(window);
            for (var slot = window.Tail; slot <= window.Head; slot++)
            {
                table.Add(slot, new EventRecord(window.Record(slot)));
            }

            Volatile.Write(ref _conflation, table);
        }
    }

    /// <summary>Ends everything: window and strands are about to be freed, and late calls must not touch them.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
    }

    private int FindOrAddTopic(ReadOnlySpan<byte> topic)
    {
        var strand = strands.FindOrAdd(topic, pattern: false, out var added);
        if (added && strand >= 0)
        {
            strands.FindRule(strand, rules.Current);
            strands[strand].Ended = history.IsEnded(topic) ? (byte)1 : (byte)0;
        }

        return strand;
    }

    private void Append(in EventRecord record)
    {
        Span<int> linked = stackalloc int[MaxLinks];
        var count = 0;
        var canonical = LinkTopic(record.Topic, linked, ref count);
        var unlinked = canonical < 0;
        foreach (var alternate in record.Alternates)
        {
            unlinked |= LinkTopic(alternate, linked, ref count) < 0;
        }

        if (_patterns.Count > 0)
        {
            _patterns.Link(record, linked, ref count);
        }

        Span<int> lengths = stackalloc int[1 + WireFormats.Count];
        lengths[0] = record.Bytes.Length;
        var wanted = IsWanted(linked[..count]);
        for (var format = 0; format < WireFormats.Count; format++)
        {
            _encoded[format].ResetWrittenCount();
            lengths[1 + format] = -1;
            if (wanted && Volatile.Read(ref _formatUse[format]) > 0)
            {
                encoders[format].WriteEvent(record, history.Epoch, _encoded[format]);
                lengths[1 + format] = _encoded[format].WrittenCount <= window.MaxEncodedBytes ? _encoded[format].WrittenCount : -1;
            }
        }

        var slot = window.BeginAppend(count, lengths, strands);
        FillHeader(slot, record, canonical);
        window.WriteRecord(slot, record.Bytes);
        for (var format = 0; format < WireFormats.Count; format++)
        {
            if (lengths[1 + format] >= 0)
            {
                window.WriteEncoded(slot, (WireFormat)format, _encoded[format].WrittenSpan);
            }
            else
            {
                window.SkipEncoded(slot, (WireFormat)format);
            }
        }

        if (unlinked)
        {
            _unlinkedUpTo = slot;
        }

        _conflation?.Add(slot, record);
        LinkAll(slot, linked[..count], record);
        if (canonical >= 0 && (record.Flags & EventFlags.Final) != 0)
        {
            Volatile.Write(ref strands[canonical].Ended, 1); // Behind the head: see DeliveryLoop.EndIfTopicsEnded.
        }

        _dispatched++;
    }

    private void FillHeader(long slot, in EventRecord record, int canonical)
    {
        ref var header = ref window.Header(slot);
        header.Offset = record.Offset;
        header.Expires = record.TtlMilliseconds > 0 ? record.Time + record.TtlMilliseconds : long.MaxValue;
        header.Rule = FindRule(slot, record, canonical);
        header.Flags = record.Flags;
        header.SupersededAfter = 0;
    }

    /// <summary>Adds a topic's strand, once; holds it until it is linked, or making room could free it.</summary>
    private int LinkTopic(ReadOnlySpan<byte> topic, Span<int> linked, ref int count)
    {
        var strand = FindOrAddTopic(topic);
        if (strand >= 0)
        {
            strands[strand].Ended = 0; // Retention forgot the end, or this event would have been refused.
            strands.Link(strand, linked, ref count);
        }

        return strand;
    }

    private bool IsWanted(ReadOnlySpan<int> linked)
    {
        foreach (var strand in linked)
        {
            if (strands[strand].LoopMask != 0)
            {
                return true;
            }
        }

        return false;
    }

    private void LinkAll(long slot, ReadOnlySpan<int> linked, in EventRecord record)
    {
        ref var header = ref window.Header(slot);
        var critical = record.Priority == EventPriority.Critical;
        var batched = critical || !rules.Current.AnyBatch ? default : BatchedNews.Of(rules.Current[header.Rule], record);
        var ephemeral = (record.Flags & EventFlags.Ephemeral) != 0 ? (byte)1 : (byte)0;
        var hasAlternates = record.Alternates.GetEnumerator().MoveNext();
        var policy = rules.Current[header.Rule].EffectiveOverflow;
        var isKept = ephemeral == 0 && (header.IsKept || policy != OverflowPolicy.DropOldest); // Its own topic's rule, in other topics' strands, too.
        for (var i = 0; i < linked.Length; i++)
        {
            var strand = linked[i];
            ref var state = ref strands[strand];
            ref var head = ref strands.Head(strand);
            ref var link = ref window.LinkAt(header, i);
            link.Strand = strand;
            link.Sequence = head.Sequence + 1;
            link.Previous = head.Slot;
            if (ephemeral != 0)
            {
                Volatile.Write(ref state.HadEphemeral, (byte)(1 + (int)policy));
            }
            else
            {
                state.Flags |= StrandFlags.Recorded; // Before the slot, as all that a loop must know when it meets the event.
            }

            if (isKept)
            {
                Volatile.Write(ref state.LastKept, slot);
            }

            Volatile.Write(ref head.Slot, slot); // After the record: a loop that reads it may follow it at once.

            // After the slot: a loop reads the numbers first, so that with an old slot it never has a new number.
            Volatile.Write(ref head.Shared, head.Shared + (hasAlternates || (state.Flags & StrandFlags.Pattern) != 0 ? 1u : 0u));
            Volatile.Write(ref head.Sequence, head.Sequence + 1);
            if (strand != StrandTable.Overflow)
            {
                state.References--; // StrandTable.Link's.
            }

            if (state.LoopMask != 0)
            {
                _news.Add((strand, critical, batched));
            }
        }
    }
}
