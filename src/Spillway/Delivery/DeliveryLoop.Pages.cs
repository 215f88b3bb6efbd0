using Spillway.History;

namespace Spillway.Delivery;

/// <summary>What becomes of a page that has come.</summary>
internal sealed partial class DeliveryLoop
{
    private void TakePage(int connection, ref HotConnection hot, ReplayPage page)
    {
        var isStale = (hot.Flags & ConnectionFlags.PageStale) != 0;
        hot.Flags &= ~(ConnectionFlags.PageAsked | ConnectionFlags.PageStale);
        if (isStale)
        {
            page.Return();
            if (hot.State == ConnectionState.Replay)
            {
                AskPage(connection, ref hot);
            }

            return;
        }

        var refused = page.IsRefused;
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

            if (_context.Rules.Current.AnyEphemeral && _replayBases.TryAdd(connection, hot.Offset))
            {
                hot.Flags &= ~ConnectionFlags.Counted; // It began before a rule made events ephemeral: what it passed since was not counted.
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

        if (refused)
        {
            End(connection, ref hot, CloseReason.Overflow); // What comes next is of a rule that disconnects.
        }
        else
        {
            AfterPage(connection, ref hot);
        }
    }

    /// <summary>Sends a page's gap and events. True if the whole page is passed and more may be written.</summary>
    private bool SendPage(int connection, ref HotConnection hot, ReplayPage page)
    {
        if ((hot.Flags & ConnectionFlags.SlowDue) != 0 && hot.Skip == 0)
        {
            hot.Flags &= ~ConnectionFlags.SlowDue;
            if (!TellSlow(connection, ref hot, backlog: null))
            {
                return false;
            }
        }

        if (page.Missing is { } missing && missing.Count != 0 && !TellMissing(connection, ref hot, missing))
        {
            return false;
        }

        if (hot.Skip > 0 && (page.Count == 0 || page.OffsetAt(0) != hot.Offset + 1))
        {
            Close(connection, CloseReason.Failed); // As in TellMissing: a snapshot leaves out what is gone without a gap.
            return false;
        }

        if (page.Expired > 0)
        {
            var told = _toldExpired.GetValueOrDefault(connection);
            hot.Flags |= ConnectionFlags.ToldExpired;
            _toldExpired[connection] = told.With(told.Slot, page.LastExpired, page.Time, hot.Offset, page.Expired);
            Counters.Missed[(int)GapReason.Expired] += page.Expired;
            Pass(connection, ref hot, page.Request.From, page.To, page.Expired);
            if (!Tell(connection, ref hot, GapReason.Expired, page.LastExpired, page.Expired))
            {
                return false;
            }
        }

        if (page.GivenUp.Count > 0 && !TellGivenUp(connection, ref hot, page))
        {
            return false;
        }

        return SendEvents(connection, ref hot, page);
    }

    private bool SendEvents(int connection, ref HotConnection hot, ReplayPage page)
    {
        var (ready, begun) = (true, hot.Offset);
        var taken = hot.Skip;
        var poll = PollOf(connection, hot);
        var count = poll?.CountOf(page) ?? page.Count;
        var bytes = poll is null ? page.Bytes : page.Bytes[..(count == 0 ? 0 : page.EndAt(count - 1))];
        if (bytes.Length > hot.Skip)
        {
            var sent = _sink.Send(connection, bytes[hot.Skip..], out ready);
            if (sent < 0)
            {
                Close(connection, CloseReason.ClientClosed);
                return false;
            }

            Sent(ref hot, sent);
            hot.Wrote = (uint)_now;
            taken += sent;
        }

        var (whole, wholeBytes, markers) = (0, 0, 0);
        while (whole < count && page.EndAt(whole) <= taken)
        {
            markers += page.EndAt(whole) == wholeBytes ? 1 : 0;
            wholeBytes = page.EndAt(whole);
            hot.Offset = page.OffsetAt(whole);
            Pass(connection, ref hot, hot.Offset - 1, hot.Offset, 1);
            whole++;
        }

        Counters.Delivered += whole - markers;
        hot.Skip = taken - wholeBytes;
        if (poll is not null)
        {
            poll.IsFull |= count < page.Count || page.IsCutShort;
            poll.Room = poll.Room.Without(whole, taken);
        }

        if (whole == page.Count)
        {
            hot.Offset = Math.Max(hot.Offset, page.To);
        }
        else if (whole < count)
        {
            hot.Offset = hot.Skip > 0 ? Math.Max(hot.Offset, page.OffsetAt(whole) - 1) : hot.Offset; // As in Cut.
            ready = false;
        }

        foreach (var offset in page.Superseded)
        {
            if (offset > begun && offset <= hot.Offset) // Those behind a cut come again.
            {
                Counters.Superseded++;
                Pass(connection, ref hot, offset - 1, offset, 1);
            }
        }

        if (!ready)
        {
            FallBehind(connection, ref hot);
        }

        return ready;
    }

    /// <summary>Tells what of the stretch up to a page's end the policies give up.</summary>
    private bool TellGivenUp(int connection, ref HotConnection hot, ReplayPage page)
    {
        var last = page.GivenUp[^1].Offset;
        foreach (var (_, policy) in page.GivenUp)
        {
            Counters.GiveUp(policy, 1);
        }

        _plans[connection].TellInReplay(last); // A page that begins within it gives up the same, and says nothing.
        Pass(connection, ref hot, page.Request.From, page.To, page.GivenUp.Count);
        return Tell(connection, ref hot, GapReason.Overflow, last, page.GivenUp.Count);
    }

    private bool TellMissing(int connection, ref HotConnection hot, HistoryGap missing)
    {
        if (hot.Skip > 0)
        {
            Close(connection, CloseReason.Failed); // The rest of a cut event is gone: only a new stream can go on from here.
            return false;
        }

        var count = CountUntold(connection, missing);
        Pass(connection, ref hot, missing.From, missing.To, count);
        var reason = missing.Corrupt ? GapReason.Corrupt : (hot.Flags & ConnectionFlags.Snapshot) != 0 ? GapReason.Overflow : GapReason.Retention;
        Counters.Missed[(int)reason] += count ?? 0;
        var goOn = count == 0 || Tell(connection, ref hot, reason, missing.To, count);
        if (hot.State == ConnectionState.Replay)
        {
            hot.Offset = Math.Max(hot.Offset, missing.To); // Told once: the next page begins behind it.
        }

        return goOn;
    }

    /// <summary>How many events of a gap were not told before, as expired or as given up; null where that is not known.</summary>
    private long? CountUntold(int connection, HistoryGap missing)
    {
        var count = _toldExpired.GetValueOrDefault(connection).CountUntold(missing.From, missing.To, missing.Count);
        return _plans.GetValueOrDefault(connection) is { } plan && plan.ToldUpToOffset > missing.From ? null : count;
    }
}
