using System.Buffers;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Finds what a connection is owed: everything behind its cursor in all strands of its feed, in global order.</summary>
/// <param name="toldExpired">The loop's: of which connections were told which events have expired. They are skipped, and not counted again.</param>
internal sealed partial class Gatherer(
    Window window, StrandTable strands, FeedTable feeds, IWireEncoder[] encoders, ulong epoch, Dictionary<int, ToldExpired> toldExpired)
{
    /// <summary>Links followed back before a scan forward is cheaper.</summary>
    public const int MaxSteps = 4_096;

    /// <summary>Slots a forward scan passes in one visit.</summary>
    public const int MaxScan = 16_384;

    private readonly ArrayBufferWriter<byte> _encoded = new(4096);
    private readonly RunBuffer _single = new();
    private readonly RunMemo _memo = new();
    private readonly StrandWalker _walker = new(window, strands);
    private readonly long[] _one = new long[1];
    private readonly int[] _oneEnd = new int[1];
    private int _number; // The connection's.
    private ExpiredTally _expired;

    public RunMemo Memo => _memo;

    /// <summary>The time in milliseconds since 1970 that decides about ttl.</summary>
    public long Now { get; private set; }

    /// <summary>Whether the last gather skipped or stopped at anything: else the four below are nought. One look for the many visits in which it did not.</summary>
    public bool HasSkipped { get; private set; }

    /// <summary>Events skipped in the last gather because their time had passed.</summary>
    public ref readonly ExpiredTally Expired => ref _expired;

    /// <summary>Events skipped in the last gather because newer ones stand for them.</summary>
    public List<long> Superseded { get; } = [];

    /// <summary>The event at which the last gather stopped: what becomes of it is decided when all before it is passed. 0: it did not stop.</summary>
    public long StoppedAt { get; private set; }

    /// <summary>A turn of the loop begins.</summary>
    public void BeginTurn(long now)
    {
        Now = now;
        _memo.Forget(now);
    }

    /// <summary>
    /// What follows the connection's slot up to <paramref name="head"/>, read below the pin at <paramref name="tail"/>. <paramref name="plan"/> says which events its
    /// plan gives up. A direct visit leaves the memo to the sweeps.
    /// </summary>
    public GatherResult Gather(int number, ref HotConnection connection, long head, long tail, CatchUpPlan? plan, bool direct, out Run run)
    {
        run = default;
        _number = number;
        if (HasSkipped)
        {
            (HasSkipped, _expired, StoppedAt) = (false, default, 0);
            Superseded.Clear();
        }

        _walker.FindContributing(feeds[connection.Feed].StrandSpan, connection.Slot, head);
        if (_walker.Contributing.IsEmpty)
        {
            return GatherResult.Nothing;
        }

        if (_walker.Newest < tail)
        {
            return GatherResult.FellOut;
        }

        var contributing = _walker.Contributing;
        var overflow = contributing[0] == StrandTable.Overflow; // Sorted: it would be the first.
        if (contributing.Length == 1 && !overflow && plan is null && TrySingle(contributing[0], ref connection, out run))
        {
            return GatherResult.Run;
        }

        var buffer = _single;
        var shared = !direct && !overflow && plan is null && Bounds is null;
        if (shared)
        {
            buffer = _memo.Lookup(contributing, _walker.Newest, connection.Format, connection.Slot, out var found);
            if (found)
            {
                run = buffer.After(connection.Slot);
                return run.Slots[0] >= tail ? GatherResult.Run : GatherResult.FellOut; // The bytes are here, but not the slots' headers, without which no cursor moves.
            }
        }

        buffer.Clear();
        var result = Walk(connection.Slot, head, tail) switch
        {
            GatherResult.FellOut => GatherResult.FellOut,
            GatherResult.Nothing => Scan(ref connection, head, tail, plan, buffer),
            _ => Fill(ref connection, plan, overflow, buffer),
        };
        if (result == GatherResult.Run)
        {
            if (shared && _expired.Last == 0 && buffer.Count > 0)
            {
                buffer.Remember(contributing, _walker.Newest, connection.Format, connection.Slot);
            }

            run = buffer.After(connection.Slot);
        }

        return result;
    }

    /// <summary>Finds where strands stood.</summary>
    public StrandWalker Walker => _walker;

    /// <summary>All slots behind the connection's, oldest first, that are still in the window; false if there are more than <paramref name="most"/> steps to them.</summary>
    public bool TryList(ref HotConnection connection, long head, long tail, int most, out ReadOnlySpan<long> slots, out bool fellOut)
    {
        _walker.FindContributing(feeds[connection.Feed].StrandSpan, connection.Slot, head);
        var whole = _walker.Collect(connection.Slot, head, tail, most, out fellOut);
        slots = _walker.Sort();
        if (!_walker.Contributing.IsEmpty && _walker.Contributing[0] == StrandTable.Overflow)
        {
            var feed = connection.Feed;
            slots = _walker.Keep(slot => IsFor(slot, feeds[feed])); // That strand has other patterns' events, too.
        }

        return whole;
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
    public bool IsFor(long slot, in Feed feed)
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

    /// <summary>One event of one strand is what most visits find: no walk, no copy.</summary>
    private bool TrySingle(int strand, ref HotConnection connection, out Run run)
    {
        run = default;
        ref var header = ref window.Header(_walker.Newest);
        if (_walker.LinkOf(_walker.Newest, strand).Previous > connection.Slot || header.Expires < Now)
        {
            return false;
        }

        var bytes = Encoded(_walker.Newest, connection.Format);
        if (Bounds?.Room.Has(0, 0, bytes.Length) == false)
        {
            return false;
        }

        _one[0] = _walker.Newest;
        _oneEnd[0] = bytes.Length;
        run = new Run { Bytes = bytes, Slots = _one, Ends = _oneEnd, Final = (header.Flags & EventFlags.Final) != 0 };
        return true;
    }

    /// <summary>Run: all slots are listed. Nothing: there are too many, scan. FellOut: one left the window.</summary>
    private GatherResult Walk(long cursor, long head, long tail)
    {
        var whole = _walker.Collect(cursor, head, tail, MaxSteps, out var fellOut);
        if (fellOut)
        {
            return GatherResult.FellOut;
        }

        if (!whole)
        {
            return cursor + 1 >= tail ? GatherResult.Nothing : GatherResult.FellOut;
        }

        _walker.Sort();
        return GatherResult.Run;
    }

    private GatherResult Fill(ref HotConnection connection, CatchUpPlan? plan, bool overflow, RunBuffer buffer)
    {
        foreach (var slot in _walker.Slots)
        {
            if (buffer.IsFull)
            {
                buffer.MarkMore();
                break;
            }

            if ((!overflow || IsFor(slot, feeds[connection.Feed])) && !Take(slot, connection.Format, plan, buffer))
            {
                break;
            }
        }

        return GatherResult.Run;
    }

    /// <summary>Too many links to follow: passes over the window from the cursor on, and takes what has a link of the feed.</summary>
    private GatherResult Scan(ref HotConnection connection, long head, long tail, CatchUpPlan? plan, RunBuffer buffer)
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

            if (IsFor(slot, feed) && !Take(slot, connection.Format, plan, buffer))
            {
                return GatherResult.Run;
            }
        }

        if (end < head)
        {
            buffer.MarkMore();
            if (buffer.Count == 0 && _expired.Last == 0)
            {
                connection.Slot = end;
            }
        }

        return GatherResult.Run;
    }

    /// <summary>Takes an event into a run, or skips it. False: the run ends before it.</summary>
    private bool Take(long slot, WireFormat format, CatchUpPlan? plan, RunBuffer buffer)
    {
        if (Bounds?.Room.Events <= buffer.Count)
        {
            return StopAtBound(buffer);
        }

        ref var header = ref window.Header(slot);
        var fate = plan?.Of(slot, header) ?? Fate.Sent;
        if (fate == Fate.Told)
        {
            return true;
        }

        if (header.Expires < Now)
        {
            HasSkipped = true;
            _expired.Add(slot, header, toldExpired.GetValueOrDefault(_number).Has(slot, header));
            buffer.MarkFinal((header.Flags & EventFlags.Final) != 0);
            return true;
        }

        switch (fate)
        {
            case Fate.Waiting:
                HasSkipped = true;
                StoppedAt = slot;
                buffer.MarkMore();
                return false;
            case Fate.Superseded:
                HasSkipped = true;
                Superseded.Add(slot);
                return true;
        }

        var bytes = Encoded(slot, format);
        if (Bounds?.Room.Has(buffer.Count, buffer.Length, bytes.Length) == false)
        {
            return StopAtBound(buffer);
        }

        buffer.Add(slot, bytes, (header.Flags & EventFlags.Final) != 0, header.Expires);
        return true;
    }
}
