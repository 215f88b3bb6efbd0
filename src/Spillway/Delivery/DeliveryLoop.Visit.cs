using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What a visit does: gather, judge, send.</summary>
internal sealed partial class DeliveryLoop
{
    private void Visit(int connection, bool direct)
    {
        ref var hot = ref _connections[connection];
        if (hot.State != ConnectionState.Live || ((hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Waiting)) != 0 && !StopWaiting(connection, ref hot))
            || !FinishCut(connection, ref hot))
        {
            return;
        }

        if (_asks.Count > 0)
        {
            DoAsked(connection, ref hot);
            if (hot.State != ConnectionState.Live || (hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Rest)) != 0)
            {
                return;
            }
        }

        Counters.Visits++;
        var head = _context.Window.Head;
        if ((hot.Flags & ConnectionFlags.Ahead) != 0 && !CatchHead(connection, ref hot, head))
        {
            return;
        }

        CatchUpPlan? plan = null;
        var isJudged = (hot.Flags & (ConnectionFlags.Slow | ConnectionFlags.ToldExpired)) != 0; // Most are not: what policies cost those is measured (bench/policy-cost).
        if (isJudged && (hot.Flags & ConnectionFlags.Slow) != 0)
        {
            plan = Judge(connection, ref hot, head);
            if (hot.State != ConnectionState.Live || (hot.Flags & ConnectionFlags.Behind) != 0)
            {
                return;
            }
        }

        _gatherer.Bounds = PollOf(connection, hot);
        switch (_gatherer.Gather(connection, ref hot, head, _pinnedTail, plan, direct, out var run))
        {
            case GatherResult.Nothing:
                CaughtUp(connection, ref hot, head);
                break;
            case GatherResult.FellOut:
                BeginReplay(connection, ref hot);
                break;
            case GatherResult.Run:
                isJudged |= _gatherer.HasSkipped;
                if (!isJudged || !_gatherer.HasSkipped || TellExpired(connection, ref hot))
                {
                    SendRun(connection, ref hot, run, head, isJudged);
                }

                break;
        }

        if (_gatherer.Bounds is { } poll)
        {
            AnswerIfDue(connection, ref hot, poll, run);
        }
    }

    private void CaughtUp(int connection, ref HotConnection hot, long head)
    {
        hot.Slot = head;
        _connections.Seen(connection) = _context.Window.OffsetAt(head);
        if ((hot.Flags & (ConnectionFlags.Slow | ConnectionFlags.ToldExpired)) != 0)
        {
            hot.Flags &= ~(ConnectionFlags.Slow | ConnectionFlags.SlowTold | ConnectionFlags.SlowDue | ConnectionFlags.ToldExpired);
            _plans.Remove(connection);
            _toldExpired.Remove(connection);
        }
    }

    /// <summary><paramref name="isJudged"/>: it is slow or was, or something was skipped; else a run is what it always is.</summary>
    private void SendRun(int connection, ref HotConnection hot, in Run run, long head, bool isJudged)
    {
        if (run.Slots.IsEmpty)
        {
            PassWithoutEvents(connection, ref hot, run.More, head);
            return;
        }

        var bytes = run.Bytes;
        var ready = true;
        var taken = bytes.IsEmpty ? 0 : _sink.Send(connection, bytes, out ready);
        if (taken < 0)
        {
            Close(connection, CloseReason.ClientClosed);
            return;
        }

        Sent(ref hot, taken);
        hot.Wrote = (uint)_now;
        var whole = 0;
        while (whole < run.Slots.Length && run.EndOf(whole) <= taken)
        {
            whole++;
        }

        var markers = Advance(ref hot, run, whole);
        Counters.Delivered += whole - markers;
        if (whole < run.Slots.Length)
        {
            var sent = taken - (whole == 0 ? 0 : run.EndOf(whole - 1));
            Cut(connection, ref hot, run.Slots[whole], sent);
            ready = false;
        }
        else if (isJudged)
        {
            PassSkipped(ref hot);
        }

        if (isJudged)
        {
            CountSuperseded(ref hot);
        }

        if (hot.State == ConnectionState.Free)
        {
            return;
        }

        if (!ready)
        {
            FallBehind(connection, ref hot);
        }
        else
        {
            if (isJudged && !run.More)
            {
                CaughtUp(connection, ref hot, head); // It has everything again: the next burst is not judged by what was.
            }

            if (run.More || (_context.Window.Head > head && !_wheel.IsInUse))
            {
                Queue(connection); // Behind the others: one send's worth a visit. What came since is marked, too: where events may wait, that decides.
            }
        }

        if (run.Final && ready && !run.More)
        {
            EndIfTopicsEnded(connection, ref hot);
        }
    }

    /// <summary>Everything in between was dropped, superseded or had expired, and was told or counted.</summary>
    private void PassWithoutEvents(int connection, ref HotConnection hot, bool more, long head)
    {
        if (more)
        {
            PassSkipped(ref hot);
            CountSuperseded(ref hot);
            Queue(connection);
            return;
        }

        hot.Slot = head;
        CountSuperseded(ref hot);
        CaughtUp(connection, ref hot, head);
        EndIfTopicsEnded(connection, ref hot);
    }

    /// <summary>The whole run is sent: so is what was skipped in it passed, and all before the event at which it stopped.</summary>
    private void PassSkipped(ref HotConnection hot)
    {
        hot.Slot = Math.Max(Math.Max(hot.Slot, _gatherer.Expired.Last), _gatherer.StoppedAt - 1); // What had expired was told before the run.
        if (_gatherer.Superseded.Count > 0)
        {
            hot.Slot = Math.Max(hot.Slot, _gatherer.Superseded[^1]);
        }
    }

    /// <summary>Superseded events are counted when the connection has passed them: of those behind a cut it meets again.</summary>
    private void CountSuperseded(ref HotConnection hot)
    {
        foreach (var slot in _gatherer.Superseded)
        {
            if (slot <= hot.Slot)
            {
                Counters.Superseded++;
                hot.Passed++;
            }
        }

        _gatherer.Superseded.Clear();
    }

    private int Advance(ref HotConnection hot, in Run run, int whole)
    {
        var markers = 0;
        if (run.Final)
        {
            for (var i = 0; i < whole; i++)
            {
                markers += (_context.Window.Header(run.Slots[i]).Flags & EventFlags.Marker) != 0 ? 1 : 0;
            }
        }

        if (whole > 0)
        {
            hot.Slot = run.Slots[whole - 1];
            hot.Offset = Math.Max(hot.Offset, _context.Window.Header(hot.Slot).Offset);
            hot.Passed += (uint)whole;
        }

        return markers;
    }

    private void Sent(ref HotConnection hot, int taken)
    {
        if (taken > 0)
        {
            hot.LastWrite = _tick;
            hot.Flags |= ConnectionFlags.Wrote;
            Counters.Sends++;
            Counters.Bytes += taken;
        }
    }

    /// <summary>The sink takes no more for now. The stall's deadline begins to run.</summary>
    private void FallBehind(int connection, ref HotConnection hot)
    {
        _connections.SetBehind(connection, true);
        hot.Flags |= ConnectionFlags.Slow;
        hot.LastWrite = _tick;
        Counters.FellBehind++;
        ref var deadline = ref _connections.Deadline(connection);
        deadline = Math.Min(deadline, _tick + Ticks(_context.Options.Sse.WriteStall));
    }

    /// <summary>A cursor ahead of the head waits until the head has passed it.</summary>
    private bool CatchHead(int connection, ref HotConnection hot, long head)
    {
        if (_context.Window.OffsetAt(head) < hot.Offset)
        {
            hot.Slot = head;
            return false;
        }

        hot.Flags &= ~ConnectionFlags.Ahead;
        var found = _context.Window.TryFindSlot(hot.Offset, beforeEphemeral: false, _pinnedTail, head, out var slot);
        hot.Slot = Math.Max(hot.Slot, found ? slot : hot.Slot);
        SetPassed(ref hot);
        if (!found)
        {
            BeginReplay(connection, ref hot); // The window has gone past the cursor since the last visit.
        }

        return found;
    }
}
