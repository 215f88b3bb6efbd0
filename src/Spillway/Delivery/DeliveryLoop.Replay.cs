using System.Text;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>Connections behind the window: pages of history, until one reaches the window.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>The window does not have what comes next.</summary>
    private void BeginReplay(int connection, ref HotConnection hot)
    {
        hot.State = ConnectionState.Replay;
        hot.CutSlot = 0;
        hot.Offset = Math.Max(hot.Offset, _connections.Seen(connection));
        Counters.ReplayStarts++;
        if (_context.Rules.Current.AnyEphemeral)
        {
            _replayBases.TryAdd(connection, hot.Offset);
        }

        AskPage(connection, ref hot);
    }

    private void AskPage(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Behind) != 0
            || ((hot.Flags & ConnectionFlags.Rest) != 0 && !SendRest(connection, ref hot))
            || (hot.Flags & ConnectionFlags.PageAsked) != 0)
        {
            return;
        }

        if ((hot.Flags & ConnectionFlags.Draining) != 0 && hot.Skip == 0)
        {
            End(connection, ref hot, _draining ? CloseReason.Shutdown : CloseReason.Lifetime);
            return;
        }

        hot.Flags |= ConnectionFlags.PageAsked;
        var snapshotUpTo = (hot.Flags & ConnectionFlags.Snapshot) != 0 ? _snapshots[connection] : 0;
        _context.Replayer.Ask(new ReplayRequest(
            this, connection, hot.Generation, SelectorsOf(hot.Feed), hot.Format, hot.Offset, snapshotUpTo, _plans.GetValueOrDefault(connection),
            OnlyCut: hot.Skip > 0, _toldExpired.GetValueOrDefault(connection).Offset));
    }

    private readonly Dictionary<int, long> _snapshots = []; // The offset of each snapshot under way.
    private readonly Dictionary<int, long> _replayBases = []; // The offset at which each connection in replay left, or began; where there are ephemeral events.

    private void TakePage(int connection, ref HotConnection hot, ReplayPage page)
    {
        hot.Flags &= ~ConnectionFlags.PageAsked;
        try
        {
            if (page.Failed)
            {
                Close(connection, CloseReason.Failed);
                return;
            }

            if (hot.State != ConnectionState.Replay || page.Request.From != hot.Offset || (hot.Flags & ConnectionFlags.Behind) != 0)
            {
                return; // It ended, moved on, or stopped taking bytes at a keep-alive, and asks again when it is ready.
            }

            if (_context.Rules.Current.AnyEphemeral)
            {
                _replayBases.TryAdd(connection, hot.Offset); // It began before a rule made events ephemeral.
            }

            if (!SendPage(connection, ref hot, page))
            {
                return;
            }
        }
        finally
        {
            page.Return();
        }

        AfterPage(connection, ref hot);
    }

    /// <summary>Sends a page's gap and events. True if the whole page is passed and more may be written.</summary>
    private bool SendPage(int connection, ref HotConnection hot, ReplayPage page)
    {
        if (page.Missing is { } missing && missing.Count != 0 && !TellMissing(connection, ref hot, missing))
        {
            return false;
        }

        if (hot.Skip > 0 && page.Count == 0)
        {
            Close(connection, CloseReason.Failed); // As in TellMissing.
            return false;
        }

        if (page.Expired > 0)
        {
            _toldExpired[connection] = (0, page.LastExpired);
            Pass(connection, ref hot, page.Request.From, page.To, page.Expired);
            if (!Tell(connection, ref hot, GapReason.Expired, page.LastExpired, page.Expired))
            {
                return false;
            }
        }

        var ready = true;
        var taken = hot.Skip;
        if (page.Bytes.Length > hot.Skip)
        {
            var sent = _sink.Send(connection, page.Bytes[hot.Skip..], out ready);
            if (sent < 0)
            {
                Close(connection, CloseReason.ClientClosed);
                return false;
            }

            Sent(ref hot, sent);
            taken += sent;
        }

        var (whole, wholeBytes, markers) = (0, 0, 0);
        while (whole < page.Count && page.EndAt(whole) <= taken)
        {
            markers += page.EndAt(whole) == wholeBytes ? 1 : 0;
            wholeBytes = page.EndAt(whole);
            hot.Offset = page.OffsetAt(whole);
            Pass(connection, ref hot, hot.Offset - 1, hot.Offset, 1);
            whole++;
        }

        Counters.Delivered += whole - markers;
        hot.Skip = taken - wholeBytes;
        if (whole == page.Count)
        {
            hot.Offset = Math.Max(hot.Offset, page.To);
        }
        else
        {
            hot.Offset = hot.Skip > 0 ? Math.Max(hot.Offset, page.OffsetAt(whole) - 1) : hot.Offset; // As in Cut.
            ready = false;
        }

        if (!ready)
        {
            FallBehind(connection, ref hot);
        }

        return ready;
    }

    private bool TellMissing(int connection, ref HotConnection hot, HistoryGap missing)
    {
        if (hot.Skip > 0)
        {
            Close(connection, CloseReason.Failed); // The rest of a cut event is gone: only a new stream can go on from here.
            return false;
        }

        Pass(connection, ref hot, missing.From, missing.To, missing.Count);
        var reason = (hot.Flags & ConnectionFlags.Snapshot) != 0 ? GapReason.Overflow : missing.Corrupt ? GapReason.Corrupt : GapReason.Retention;
        var goOn = Tell(connection, ref hot, reason, missing.To, missing.Count);
        if (hot.State == ConnectionState.Replay)
        {
            hot.Offset = Math.Max(hot.Offset, missing.To); // Told once: the next page begins behind it.
        }

        return goOn;
    }

    private void AfterPage(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Snapshot) != 0 && hot.Offset >= _snapshots[connection])
        {
            hot.Flags &= ~ConnectionFlags.Snapshot;
            _snapshots.Remove(connection);
        }

        var head = _context.Window.Head;
        if ((hot.Flags & ConnectionFlags.Snapshot) != 0
            || !_context.Window.TryFindSlot(hot.Offset, beforeEphemeral: true, _pinnedTail, head, out var slot)
            || (hot.Slot >= _pinnedTail && hot.Offset < _context.Window.OffsetAt(hot.Slot)))
        {
            AskPage(connection, ref hot);
            return;
        }

        // Ephemeral events from before it left, or began, are not for it.
        GoLive(connection, ref hot, Math.Max(slot, Math.Min(hot.Slot, head)));
    }

    private void GoLive(int connection, ref HotConnection hot, long slot)
    {
        var left = hot.Slot;
        hot.State = ConnectionState.Live;
        hot.Slot = slot;
        _toldExpired.Remove(connection);
        var isBehind = _replayBases.Remove(connection, out var from) && left < slot && HadEphemeral(hot.Feed);
        var count = isBehind ? CountEphemeral(connection, ref hot, left) : 0;
        SetPassed(ref hot);
        if (_plans.TryGetValue(connection, out var plan) && plan.Newest > slot)
        {
            hot.Flags &= ~ConnectionFlags.Counted; // Some of what lies ahead was told before.
        }

        if (count == 0 || Tell(connection, ref hot, GapReason.Overflow, _context.Window.OffsetAt(slot), count, At(from)))
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

    /// <summary>Ephemeral events that came while it replayed are behind it now: how many, or null if the window and the strands' numbers cannot tell.</summary>
    private long? CountEphemeral(int connection, ref HotConnection hot, long left)
    {
        if (left + 1 >= _pinnedTail)
        {
            var (slot, count) = (hot.Slot, 0);
            hot.Slot = left;
            var whole = _gatherer.TryList(ref hot, slot, _pinnedTail, Gatherer.MaxScan, out var slots, out _);
            hot.Slot = slot;
            var plan = _plans.GetValueOrDefault(connection);
            foreach (var passed in slots)
            {
                ref var header = ref _context.Window.Header(passed);
                count += (header.Flags & EventFlags.Ephemeral) != 0 && plan?.Drops(passed, header.Rule) != true ? 1 : 0;
            }

            return whole ? count : null;
        }

        if ((hot.Flags & ConnectionFlags.Counted) == 0 || !TrySumAt(hot.Feed, hot.Slot, out var sum, out var shared)
            || (shared != hot.Shared && _feeds[hot.Feed].Count > 1))
        {
            return null;
        }

        return (uint)(sum - hot.Passed);
    }

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
        List<TopicPattern> patterns = [];
        foreach (var strand in _feeds[feed].StrandSpan)
        {
            if (strand == StrandTable.Overflow)
            {
                continue;
            }

            var name = Encoding.UTF8.GetString(_context.Strands.Name(strand));
            if ((_context.Strands[strand].Flags & StrandFlags.Pattern) == 0)
            {
                topics.Add(name);
            }
            else if (TopicPattern.TryParse(name, out var pattern, out _))
            {
                patterns.Add(pattern!);
            }
        }

        return new SelectorSet(topics, patterns);
    }
}
