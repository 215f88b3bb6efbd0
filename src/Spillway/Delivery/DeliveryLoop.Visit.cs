using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What a visit does: gather, judge, send.</summary>
internal sealed partial class DeliveryLoop
{
    private void Visit(int connection, bool direct)
    {
        ref var hot = ref _connections[connection];
        if (hot.State != ConnectionState.Live || (hot.Flags & ConnectionFlags.Behind) != 0 || !FinishCut(connection, ref hot))
        {
            return;
        }

        Counters.Visits++;
        var head = _context.Window.Head;
        if ((hot.Flags & ConnectionFlags.Ahead) != 0 && !CatchHead(connection, ref hot, head))
        {
            return;
        }

        var plan = Judge(connection, ref hot, head);
        if (hot.State != ConnectionState.Live || (hot.Flags & ConnectionFlags.Behind) != 0)
        {
            return;
        }

        _gatherer.ToldUpTo = _toldExpired.Count == 0 ? 0 : _toldExpired.GetValueOrDefault(connection).Slot;
        switch (_gatherer.Gather(ref hot, head, _pinnedTail, plan, direct, out var run))
        {
            case GatherResult.Nothing:
                CaughtUp(connection, ref hot, head);
                break;
            case GatherResult.FellOut:
                BeginReplay(connection, ref hot);
                break;
            case GatherResult.Run:
                if (TellExpired(connection, ref hot))
                {
                    SendRun(connection, ref hot, run, head);
                }

                break;
        }
    }

    private void CaughtUp(int connection, ref HotConnection hot, long head)
    {
        hot.Slot = head;
        _connections.Seen(connection) = _context.Window.OffsetAt(head);
        _toldExpired.Remove(connection);
        if ((hot.Flags & ConnectionFlags.Slow) != 0)
        {
            hot.Flags &= ~(ConnectionFlags.Slow | ConnectionFlags.SlowTold);
            _plans.Remove(connection);
        }
    }

    private void SendRun(int connection, ref HotConnection hot, in Run run, long head)
    {
        if (run.Slots.IsEmpty)
        {
            if (!run.More)
            {
                hot.Slot = head; // Everything in between was dropped, superseded or had expired, and was told or counted.
                CountSuperseded(ref hot);
                EndIfTopicsEnded(connection, ref hot);
            }
            else
            {
                PassSkipped(ref hot);
                CountSuperseded(ref hot);
                Queue(connection);
            }

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
        else
        {
            PassSkipped(ref hot);
        }

        CountSuperseded(ref hot);

        if (hot.State == ConnectionState.Free)
        {
            return;
        }

        if (!ready)
        {
            FallBehind(connection, ref hot);
        }
        else if (run.More || _context.Window.Head > head)
        {
            Queue(connection); // Behind the others: one send's worth a visit.
        }

        if (run.Final && ready && !run.More)
        {
            EndIfTopicsEnded(connection, ref hot);
        }
    }

    /// <summary>The whole run is sent: so is what was skipped in it passed, and all before the event at which it stopped.</summary>
    private void PassSkipped(ref HotConnection hot)
    {
        hot.Slot = Math.Max(Math.Max(hot.Slot, _gatherer.LastExpired), _gatherer.StoppedAt - 1); // What had expired was told before the run.
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

    /// <summary>Part of an event is sent. What history keeps is read again; an ephemeral event's rest is copied aside.</summary>
    private void Cut(int connection, ref HotConnection hot, long slot, int sent)
    {
        if (sent == 0)
        {
            return;
        }

        ref var header = ref _context.Window.Header(slot);
        if ((header.Flags & EventFlags.Ephemeral) != 0)
        {
            hot.Slot = slot;
            hot.Offset = Math.Max(hot.Offset, header.Offset);
            hot.Passed++;
            Counters.Delivered++;
            KeepRest(connection, ref hot, _gatherer.Encoded(slot, hot.Format)[sent..]);
            return;
        }

        // All before it is sent, told as a gap, or not wanted: whoever reads the rest from history begins right before it.
        hot.Slot = Math.Max(hot.Slot, slot - 1);
        hot.Offset = Math.Max(hot.Offset, header.Offset - 1);
        hot.CutSlot = slot;
        hot.Skip = sent;
    }

    /// <summary>Sends what is left of a cut event or of bytes copied aside; true if a block may begin now.</summary>
    private bool FinishCut(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Rest) != 0 && !SendRest(connection, ref hot))
        {
            return false;
        }

        if (hot.Skip == 0)
        {
            return true;
        }

        if (hot.CutSlot < _pinnedTail)
        {
            BeginReplay(connection, ref hot); // The same event comes again from history, byte for byte.
            return false;
        }

        var bytes = _gatherer.Encoded(hot.CutSlot, hot.Format);
        var taken = _sink.Send(connection, bytes[hot.Skip..], out var ready);
        if (taken < 0)
        {
            Close(connection, CloseReason.ClientClosed);
            return false;
        }

        Sent(ref hot, taken);
        hot.Skip += taken;
        if (hot.Skip == bytes.Length)
        {
            hot.Slot = hot.CutSlot;
            hot.Offset = Math.Max(hot.Offset, _context.Window.Header(hot.Slot).Offset);
            hot.Passed++;
            hot.Skip = 0;
            Counters.Delivered++;
        }
        else
        {
            ready = false;
        }

        if (!ready)
        {
            FallBehind(connection, ref hot);
        }

        return ready;
    }

    private void Sent(ref HotConnection hot, int taken)
    {
        if (taken > 0)
        {
            hot.LastWrite = _tick;
            Counters.Sends++;
            Counters.Bytes += taken;
        }
    }

    /// <summary>The sink takes no more for now. The stall's deadline begins to run.</summary>
    private void FallBehind(int connection, ref HotConnection hot)
    {
        hot.Flags |= ConnectionFlags.Behind | ConnectionFlags.Slow;
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
