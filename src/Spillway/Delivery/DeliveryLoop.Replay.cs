using System.Text;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Connections behind the window: pages of history, until one reaches the window.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>The window does not have what comes next.</summary>
    private void BeginReplay(int connection, ref HotConnection hot)
    {
        LeaveWindow(connection, ref hot);
        AskPage(connection, ref hot);
    }

    private void LeaveWindow(int connection, ref HotConnection hot)
    {
        hot.State = ConnectionState.Replay;
        hot.CutSlot = 0;
        hot.Offset = Math.Max(hot.Offset, _connections.Seen(connection));
        Counters.ReplayStarts++;
        if ((hot.Flags & ConnectionFlags.Slow) != 0)
        {
            hot.Flags |= ConnectionFlags.SlowDue;
            if (AnyPolicy(hot))
            {
                PlanOf(connection, hot).LeaveWindow(_context.Window.OffsetBefore(_pinnedTail)); // Each rule's window ends where the hub's does.
            }
        }

        if (_context.Rules.Current.AnyEphemeral)
        {
            _replayBases.TryAdd(connection, hot.Offset);
        }
    }

    private void AskPage(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Behind) != 0
            || ((hot.Flags & ConnectionFlags.Rest) != 0 && !SendRest(connection, ref hot))
            || (hot.Flags & ConnectionFlags.PageAsked) != 0)
        {
            return;
        }

        if (_asks.Count > 0)
        {
            DoAsked(connection, ref hot);
            if (hot.State != ConnectionState.Replay || (hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Rest | ConnectionFlags.PageAsked)) != 0)
            {
                return;
            }
        }

        if ((hot.Flags & ConnectionFlags.Draining) != 0 && hot.Skip == 0)
        {
            End(connection, ref hot, _draining ? CloseReason.Shutdown : CloseReason.Lifetime);
            return;
        }

        hot.Flags |= ConnectionFlags.PageAsked;
        var snapshotUpTo = (hot.Flags & ConnectionFlags.Snapshot) != 0 ? _snapshots[connection] : 0;
        _context.Replayer.Ask(new ReplayRequest(
            this, connection, hot.Generation, SelectorsOf(hot.Feed), hot.Format, hot.Offset, snapshotUpTo,
            snapshotUpTo == 0 && _plans.GetValueOrDefault(connection) is { IsEmpty: false } plan ? plan : null, OnlyCut: hot.Skip > 0, _toldExpired.GetValueOrDefault(connection), PollOf(connection, hot)?.Room));
    }

    private readonly Dictionary<int, long> _snapshots = []; // The offset of each snapshot under way.
    private readonly Dictionary<int, long> _replayBases = []; // The offset at which each connection in replay left, or began; where there are ephemeral events.

    private void AfterPage(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Snapshot) != 0 && hot.Offset >= _snapshots[connection])
        {
            hot.Flags &= ~ConnectionFlags.Snapshot;
            _snapshots.Remove(connection);
        }

        if (AnswerInReplay(connection, ref hot))
        {
            return;
        }

        var (head, birth) = (_context.Window.Head, _births.GetValueOrDefault(connection));
        if ((hot.Flags & ConnectionFlags.Snapshot) != 0
            || !_context.Window.TryFindSlot(hot.Offset, beforeEphemeral: true, _pinnedTail, head, out var slot)
            || IsBefore(hot, hot.Slot) || IsBefore(hot, birth))
        {
            AskPage(connection, ref hot);
            return;
        }

        // Ephemeral events from before it left, or began, are not for it; of those from before a new pattern's birth its strand has none.
        GoLive(connection, ref hot, Math.Max(slot, Math.Min(Math.Max(hot.Slot, birth), head)));
    }

    private bool IsBefore(in HotConnection hot, long slot) => slot >= _pinnedTail && hot.Offset < _context.Window.OffsetAt(slot);

    private void GoLive(int connection, ref HotConnection hot, long slot)
    {
        var left = hot.Slot;
        hot.State = ConnectionState.Live;
        hot.Slot = slot;
        _plans.GetValueOrDefault(connection)?.EnterWindow();
        var isBehind = _replayBases.Remove(connection, out var from) && left < slot && MayHaveMissed(connection, hot, left);
        var count = isBehind ? CountEphemeral(connection, ref hot, left) : 0;
        _births.Remove(connection);
        SetPassed(ref hot);
        var told = _toldExpired.GetValueOrDefault(connection);
        if (told.Slot > slot || told.Offset > hot.Offset || (_plans.TryGetValue(connection, out var plan) && plan.Newest > slot))
        {
            hot.Flags &= ~ConnectionFlags.Counted; // Some of what lies ahead was told before.
        }
        else
        {
            _toldExpired.Remove(connection);
        }

        if (count == 0 || Tell(connection, ref hot, GapReason.Overflow, _context.Window.OffsetAt(slot), count, from))
        {
            VisitAndEnd(connection, ref hot);
        }
    }

    /// <summary>In replay: counts events that the strands' numbers count too, those behind the place where it left or began.</summary>
    private void Pass(int connection, ref HotConnection hot, long from, long to, long? count)
    {
        if (!_replayBases.TryGetValue(connection, out var left) || to <= left)
        {
            return;
        }

        hot.Passed += (uint)(count ?? 0);
        if (count is null || from < left)
        {
            hot.Flags &= ~ConnectionFlags.Counted;
        }
    }

    /// <summary>Ephemeral events that came while it replayed are behind it now, and counted: how many, or null if the window and the strands' numbers cannot tell.</summary>
    private long? CountEphemeral(int connection, ref HotConnection hot, long left)
    {
        if (left + 1 >= _pinnedTail)
        {
            var complete = Math.Clamp(_births.GetValueOrDefault(connection), left, hot.Slot);
            if (complete - left > Gatherer.MaxScan)
            {
                return null;
            }

            var (slot, count) = (hot.Slot, complete > left ? GiveUpUnlinked(connection, hot, left, complete) : 0);
            hot.Slot = complete;
            var whole = _gatherer.TryList(ref hot, slot, _pinnedTail, Gatherer.MaxScan, out var slots, out _);
            hot.Slot = slot;
            foreach (var passed in whole ? slots : [])
            {
                count += GiveUpEphemeral(connection, hot, passed);
            }

            return whole ? count : null;
        }

        if ((hot.Flags & ConnectionFlags.Counted) == 0 || !TrySumAt(hot.Feed, hot.Slot, out var sum, out var shared)
            || (shared != hot.Shared && _feeds[hot.Feed].Count > 1) || CountToldAhead(connection, ref hot) is not { } toldAhead)
        {
            return null;
        }

        var passedBy = (uint)(sum - (hot.Passed - toldAhead));
        Counters.GiveUp(PolicyOfEvicted(hot, left), passedBy);
        return passedBy;
    }

    /// <summary>How many events ahead of the slot are counted as passed, because they were told to be missed; null if there are too many to look at.</summary>
    private uint? CountToldAhead(int connection, ref HotConnection hot)
    {
        var count = 0u;
        var whole = _gatherer.TryList(ref hot, _context.Window.Head, _pinnedTail, Gatherer.MaxScan, out var slots, out _);
        foreach (var slot in slots)
        {
            count += IsTold(connection, slot) ? 1u : 0u;
        }

        return whole ? count : null;
    }

    /// <summary>Whether the connection was told that it does not get an event in the window.</summary>
    private bool IsTold(int connection, long slot)
    {
        ref var header = ref _context.Window.Header(slot);
        return _toldExpired.GetValueOrDefault(connection).Has(slot, header)
            || (_plans.GetValueOrDefault(connection) is { } plan && plan.Of(slot, header) == Fate.Told && plan.HasTold(CatchUpPlan.ClassOf(header.Rule, header.Flags), slot));
    }

    /// <summary>The same of a stretch in which the set's strands are not complete: a new pattern's has none of it.</summary>
    private int GiveUpUnlinked(int connection, in HotConnection hot, long left, long upTo)
    {
        var (selectors, count) = (SelectorsOf(hot.Feed), 0);
        for (var slot = left + 1; slot <= upTo; slot++)
        {
            count += selectors.Matches(new EventRecord(_context.Window.Record(slot))) ? GiveUpEphemeral(connection, hot, slot) : 0;
        }

        return count;
    }

    /// <summary>Gives up an event that history does not have. 1, or 0 if it has, or if that was told.</summary>
    private int GiveUpEphemeral(int connection, in HotConnection hot, long slot)
    {
        ref var header = ref _context.Window.Header(slot);
        if ((header.Flags & EventFlags.Ephemeral) == 0 || IsTold(connection, slot))
        {
            return 0;
        }

        Counters.GiveUp(PolicyOf(hot, _context.Rules.Current[header.Rule]), 1);
        return 1;
    }

    /// <summary>Whether events behind a slot may have come for the set that history does not have.</summary>
    private bool MayHaveMissed(int connection, in HotConnection hot, long left) => _births.GetValueOrDefault(connection) > left || HadEphemeral(hot.Feed);

    private bool HadEphemeral(int feed)
    {
        foreach (var strand in _feeds[feed].StrandSpan)
        {
            if (Volatile.Read(ref _context.Strands[strand].HadEphemeral) != 0)
            {
                return true;
            }
        }

        return false;
    }

    private SelectorSet SelectorsOf(int feed)
    {
        List<string> topics = [];
        List<EventPattern> patterns = [];
        foreach (var strand in _feeds[feed].StrandSpan)
        {
            if (strand == StrandTable.Overflow)
            {
                continue;
            }

            if ((_context.Strands[strand].Flags & StrandFlags.Pattern) == 0)
            {
                topics.Add(Encoding.UTF8.GetString(_context.Strands.Name(strand)));
            }
            else
            {
                patterns.Add(_context.Strands.PatternOf(strand));
            }
        }

        return new SelectorSet(topics, patterns);
    }
}
