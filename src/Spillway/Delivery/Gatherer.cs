using System.Buffers;
using System.Runtime.CompilerServices;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Finds what a connection is owed: everything behind its cursor in all strands of its feed, in global order.</summary>
internal sealed class Gatherer(Window window, StrandTable strands, FeedTable feeds, IWireEncoder[] encoders, ulong epoch)
{
    /// <summary>Links followed back before a scan forward is cheaper.</summary>
    public const int MaxSteps = 4_096;

    /// <summary>Slots a forward scan passes in one visit.</summary>
    public const int MaxScan = 16_384;

    private readonly ArrayBufferWriter<byte> _encoded = new(4096);
    private readonly RunBuffer _single = new();
    private readonly RunMemo _memo = new();
    private readonly int[] _contributing = new int[10_001];
    private readonly long[] _one = new long[1];
    private readonly int[] _oneEnd = new int[1];
    private long[] _slots = new long[MaxSteps];
    private int _slotCount;
    private int _contributingCount;
    private long _newest;

    public RunMemo Memo => _memo;

    /// <summary>Events skipped in the last gather because their time had passed, and the last of them.</summary>
    public int Expired { get; private set; }

    public long LastExpired { get; private set; }

    /// <summary>The time in milliseconds since 1970 that decides about ttl; set once a turn.</summary>
    public long Now { get; set; }

    /// <summary>
    /// What follows the connection's slot up to <paramref name="head"/>, read below the pin at <paramref name="tail"/>. <paramref name="drops"/> says which events its
    /// overflow plan skips. A direct visit leaves the memo to the sweeps.
    /// </summary>
    public GatherResult Gather(ref HotConnection connection, long head, long tail, DropPlan? drops, bool direct, out Run run)
    {
        run = default;
        Expired = 0;
        FindContributing(feeds[connection.Feed].StrandSpan, connection.Slot, head);
        if (_contributingCount == 0)
        {
            return GatherResult.Nothing;
        }

        if (_newest < tail)
        {
            return GatherResult.FellOut;
        }

        var contributing = _contributing.AsSpan(0, _contributingCount);
        var overflow = contributing[0] == StrandTable.Overflow; // Sorted: it would be the first.
        if (contributing.Length == 1 && !overflow && drops is null && TrySingle(contributing[0], ref connection, out run))
        {
            return GatherResult.Run;
        }

        var buffer = _single;
        var shared = !direct && !overflow && drops is null;
        if (shared)
        {
            buffer = _memo.Lookup(contributing, _newest, connection.Format, connection.Slot, out var found);
            if (found)
            {
                run = buffer.After(connection.Slot);
                return GatherResult.Run;
            }
        }

        buffer.Clear();
        var result = Walk(contributing, connection.Slot, head, tail) switch
        {
            GatherResult.FellOut => GatherResult.FellOut,
            GatherResult.Nothing => Scan(ref connection, head, tail, drops, buffer),
            _ => Fill(ref connection, drops, overflow, buffer),
        };
        if (result == GatherResult.Run)
        {
            if (shared && Expired == 0 && buffer.Count > 0)
            {
                buffer.Remember(contributing, _newest, connection.Format, connection.Slot);
            }

            run = buffer.After(connection.Slot);
        }

        return result;
    }

    /// <summary>All slots behind the connection's, oldest first, that are still in the window; false if there are more than <paramref name="most"/> steps to them.</summary>
    public bool TryList(ref HotConnection connection, long head, long tail, int most, out ReadOnlySpan<long> slots, out bool fellOut)
    {
        FindContributing(feeds[connection.Feed].StrandSpan, connection.Slot, head);
        var whole = Collect(_contributing.AsSpan(0, _contributingCount), connection.Slot, head, tail, most, out fellOut);
        SortSlots();
        slots = _slots.AsSpan(0, _slotCount);
        return whole;
    }

    /// <summary>The number that a strand had reached at a slot; false if that is too far back to be found.</summary>
    public bool TrySequenceAt(int strand, long slot, long tail, out uint sequence)
    {
        ref var head = ref strands.Head(strand);
        var at = Volatile.Read(ref head.Slot);
        sequence = head.Sequence;
        for (var steps = 0; at > slot; steps++)
        {
            if (at < tail || steps > MaxSteps)
            {
                return false;
            }

            ref readonly var link = ref LinkOf(at, strand);
            sequence = link.Sequence - 1;
            at = link.Previous;
        }

        return true;
    }

    /// <summary>An event's bytes in a format; encoded now if they were not when it was appended.</summary>
    public ReadOnlySpan<byte> Encoded(long slot, WireFormat format)
    {
        if (window.TryGetEncoded(slot, format, out var bytes))
        {
            return bytes;
        }

        _encoded.ResetWrittenCount();
        encoders[(int)format].WriteEvent(new EventRecord(window.Record(slot)), epoch, _encoded);
        return _encoded.WrittenSpan;
    }

    /// <summary>Whether an event is for a feed, by its links, or by its topics where it has more patterns than links.</summary>
    private bool IsFor(long slot, in Feed feed)
    {
        ref var header = ref window.Header(slot);
        var overflowed = false;
        foreach (ref readonly var link in window.Links(header))
        {
            overflowed |= link.Strand == StrandTable.Overflow;
            if (link.Strand != StrandTable.Overflow && feed.StrandSpan.BinarySearch(link.Strand) >= 0)
            {
                return true;
            }
        }

        return overflowed && !feed.ExactOnly && MatchesPattern(slot, feed);
    }

    private bool MatchesPattern(long slot, in Feed feed)
    {
        var record = new EventRecord(window.Record(slot));
        foreach (var strand in feed.StrandSpan)
        {
            if (strand != StrandTable.Overflow && (strands[strand].Flags & StrandFlags.Pattern) != 0
                && TopicPattern.Matches(strands.Name(strand), record))
            {
                return true;
            }
        }

        return false;
    }

    private void FindContributing(ReadOnlySpan<int> all, long cursor, long head)
    {
        _contributingCount = 0;
        _newest = 0;
        foreach (var strand in all)
        {
            var slot = Volatile.Read(ref strands.Head(strand).Slot);
            while (slot > head)
            {
                slot = LinkOf(slot, strand).Previous; // Appended, not yet published; its record is complete, and too new to leave the window.
            }

            if (slot > cursor)
            {
                _contributing[_contributingCount++] = strand;
                _newest = Math.Max(_newest, slot);
            }
        }
    }

    /// <summary>One event of one strand is what most visits find: no walk, no copy.</summary>
    private bool TrySingle(int strand, ref HotConnection connection, out Run run)
    {
        run = default;
        ref var header = ref window.Header(_newest);
        if (LinkOf(_newest, strand).Previous > connection.Slot || header.Expires < Now)
        {
            return false;
        }

        var bytes = Encoded(_newest, connection.Format);
        _one[0] = _newest;
        _oneEnd[0] = bytes.Length;
        run = new Run { Bytes = bytes, Slots = _one, Ends = _oneEnd, Final = (header.Flags & EventFlags.Final) != 0 };
        return true;
    }

    /// <summary>Run: all slots are listed. Nothing: there are too many, scan. FellOut: one left the window.</summary>
    private GatherResult Walk(ReadOnlySpan<int> contributing, long cursor, long head, long tail)
    {
        var whole = Collect(contributing, cursor, head, tail, MaxSteps, out var fellOut);
        if (fellOut)
        {
            return GatherResult.FellOut;
        }

        if (!whole)
        {
            return cursor + 1 >= tail ? GatherResult.Nothing : GatherResult.FellOut;
        }

        SortSlots();
        return GatherResult.Run;
    }

    private bool Collect(ReadOnlySpan<int> contributing, long cursor, long head, long tail, int most, out bool fellOut)
    {
        fellOut = false;
        _slotCount = 0;
        foreach (var strand in contributing)
        {
            var slot = Volatile.Read(ref strands.Head(strand).Slot);
            while (slot > cursor)
            {
                if (slot < tail)
                {
                    fellOut = true;
                    break;
                }

                if (slot <= head)
                {
                    if (_slotCount == most)
                    {
                        return false;
                    }

                    if (_slotCount == _slots.Length)
                    {
                        Array.Resize(ref _slots, _slots.Length * 2);
                    }

                    _slots[_slotCount++] = slot;
                }

                slot = LinkOf(slot, strand).Previous;
            }
        }

        return true;
    }

    private void SortSlots()
    {
        var slots = _slots.AsSpan(0, _slotCount);
        if (_contributingCount == 1)
        {
            slots.Reverse();
            return;
        }

        slots.Sort();
        var kept = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            if (i == 0 || slots[i] != slots[kept - 1])
            {
                slots[kept++] = slots[i];
            }
        }

        _slotCount = kept;
    }

    private GatherResult Fill(ref HotConnection connection, DropPlan? drops, bool overflow, RunBuffer buffer)
    {
        for (var i = 0; i < _slotCount; i++)
        {
            if (buffer.IsFull)
            {
                buffer.MarkMore();
                break;
            }

            if (!overflow || IsFor(_slots[i], feeds[connection.Feed]))
            {
                Take(_slots[i], connection.Format, drops, buffer);
            }
        }

        return GatherResult.Run;
    }

    /// <summary>Too many links to follow: passes over the window from the cursor on, and takes what has a link of the feed.</summary>
    private GatherResult Scan(ref HotConnection connection, long head, long tail, DropPlan? drops, RunBuffer buffer)
    {
        var end = Math.Min(head, connection.Slot + MaxScan);
        ref var feed = ref feeds[connection.Feed];
        for (var slot = Math.Max(tail, connection.Slot + 1); slot <= end; slot++)
        {
            if (buffer.IsFull)
            {
                buffer.MarkMore();
                return GatherResult.Run;
            }

            if (IsFor(slot, feed))
            {
                Take(slot, connection.Format, drops, buffer);
            }
        }

        if (end < head)
        {
            buffer.MarkMore();
            if (buffer.Count == 0 && Expired == 0)
            {
                connection.Slot = end;
            }
        }

        return GatherResult.Run;
    }

    private void Take(long slot, WireFormat format, DropPlan? drops, RunBuffer buffer)
    {
        ref var header = ref window.Header(slot);
        if (drops is not null && drops.Drops(slot, header.Rule) && !header.IsKept)
        {
            return; // Told when the plan was made.
        }

        if (header.Expires < Now)
        {
            Expired++;
            LastExpired = slot;
            return;
        }

        buffer.Add(slot, Encoded(slot, format), (header.Flags & EventFlags.Final) != 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref readonly Link LinkOf(long slot, int strand)
    {
        ref var header = ref window.Header(slot);
        var links = window.Links(header);
        for (var i = 0; i < links.Length; i++)
        {
            if (links[i].Strand == strand)
            {
                return ref links[i];
            }
        }

        throw new InvalidOperationException($"Slot {slot} has no link of strand {strand}: it was read without a pin, or overwritten below one.");
    }
}
