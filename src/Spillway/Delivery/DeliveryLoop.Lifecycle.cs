using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>How connections come, and how they end.</summary>
internal sealed partial class DeliveryLoop
{
    private bool _draining;

    private void TakeCommands()
    {
        while (_commands.TryDequeue(out var command))
        {
            switch (command.Kind)
            {
                case LoopCommandKind.Adopt:
                    Adopt((Adoption)command.Argument!);
                    break;
                case LoopCommandKind.Drain:
                    Drain();
                    break;
                case LoopCommandKind.Stop:
                    Stop();
                    break;
                case LoopCommandKind.Page when !_connections.IsCurrent(command.Connection, command.Generation):
                    ((ReplayPage)command.Argument!).Return();
                    break;
                case LoopCommandKind.Page:
                    TakePage(command.Connection, ref _connections[command.Connection], (ReplayPage)command.Argument!);
                    break;
                case LoopCommandKind.Gone when _connections.IsCurrent(command.Connection, command.Generation):
                    Close(command.Connection, CloseReason.ClientClosed);
                    break;
                case LoopCommandKind.Ready when _connections.IsCurrent(command.Connection, command.Generation):
                    Ready(command.Connection, ref _connections[command.Connection]);
                    break;
            }
        }
    }

    private void Adopt(Adoption adoption)
    {
        var connection = _connections.Add();
        ref var hot = ref _connections[connection];
        hot.Format = adoption.Format;
        hot.Flags = adoption.Signals ? ConnectionFlags.Signals : ConnectionFlags.None;
        hot.LastWrite = _tick;
        hot.RetryMagnitude = _context.Retry.RetryMagnitude;
        hot.Slot = adoption.Slot;
        hot.Offset = adoption.Offset;
        hot.State = ConnectionState.Live;
        _feeds.Join(connection, adoption.Strands, adoption.ExactOnly);
        foreach (var strand in adoption.Strands)
        {
            _clearPending(strand); // A mark that came before there was anybody here may be lost (DirtyRing); the visit below looks anyway.
            _clearPendingCritical(strand);
        }

        var lifetime = _context.Options.Sse.MaxLifetime;
        if (lifetime is { } limit)
        {
            _connections.Lifetime(connection) = _tick + Ticks(limit * (0.9 + (Random.Shared.NextDouble() * 0.2)));
        }

        _connections.Deadline(connection) = NextDeadline(connection, ref hot);
        adoption.OnAdopted(connection, hot.Generation);
        if (adoption.Lost is { } lost && !TellLost(connection, ref hot, lost))
        {
            return;
        }

        Begin(connection, ref hot, adoption);
        if (_draining)
        {
            End(connection, ref hot, CloseReason.Shutdown);
        }
    }

    private void Begin(int connection, ref HotConnection hot, Adoption adoption)
    {
        var head = _context.Window.Head;
        if (_context.AnyEphemeral && !adoption.Live)
        {
            SetPassed(ref hot);
            _replayBases[connection] = adoption.SlotOffset;
        }

        if (adoption.SnapshotUpTo > 0)
        {
            hot.Flags |= ConnectionFlags.Snapshot;
            _snapshots[connection] = adoption.SnapshotUpTo;
            BeginReplay(connection, ref hot);
        }
        else if (!adoption.Live && adoption.Offset > _context.Window.OffsetAt(head))
        {
            hot.Flags |= ConnectionFlags.Ahead;
        }
        else if (!adoption.Live)
        {
            if (!_context.Window.TryFindSlot(adoption.Offset, beforeEphemeral: false, _pinnedTail, head, out var slot) || slot < adoption.Birth)
            {
                BeginReplay(connection, ref hot);
                return;
            }

            hot.Slot = slot;
        }

        if (hot.State == ConnectionState.Live)
        {
            SetPassed(ref hot);
            VisitAndEnd(connection, ref hot);
        }
    }

    /// <summary>A visit of a connection that may have nothing to come: its topics have ended, or it is to end.</summary>
    private void VisitAndEnd(int connection, ref HotConnection hot)
    {
        Visit(connection, direct: true);
        if (hot.State != ConnectionState.Live || (hot.Flags & ConnectionFlags.Behind) != 0)
        {
            return;
        }

        if (_draining || (hot.Flags & ConnectionFlags.Draining) != 0)
        {
            End(connection, ref hot, _draining ? CloseReason.Shutdown : CloseReason.Lifetime);
            return;
        }

        EndIfTopicsEnded(connection, ref hot);
        if (hot.State == ConnectionState.Live && _context.Window.Head > hot.Slot)
        {
            Queue(connection);
        }
    }

    private bool TellLost(int connection, ref HotConnection hot, Gap lost)
    {
        Counters.GapsTold++;
        if ((hot.Flags & ConnectionFlags.Signals) == 0)
        {
            return true;
        }

        _signal.ResetWrittenCount();
        _context.Encoders[(int)hot.Format].WriteGap(new Position(_context.Epoch, hot.Offset), lost, _signal);
        SendSignal(connection, ref hot);
        return hot.State != ConnectionState.Free;
    }

    private void Ready(int connection, ref HotConnection hot)
    {
        hot.Flags &= ~ConnectionFlags.Behind;
        hot.LastWrite = _tick;
        switch (hot.State)
        {
            case ConnectionState.Ending when (hot.Flags & ConnectionFlags.Rest) == 0 || SendRest(connection, ref hot):
                Close(connection, _ending[connection]);
                break;
            case ConnectionState.Replay:
                AskPage(connection, ref hot);
                break;
            case ConnectionState.Live:
                VisitAndEnd(connection, ref hot); // What came while it was behind was not queued.
                break;
        }
    }

    private readonly Dictionary<int, CloseReason> _ending = []; // Connections whose last bytes are on their way.

    /// <summary>Ends a stream properly: the signal that says why, then the end. Between two blocks only; else as soon as there is one.</summary>
    private void End(int connection, ref HotConnection hot, CloseReason reason)
    {
        if ((hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Rest)) != 0 || hot.Skip > 0)
        {
            hot.Flags |= ConnectionFlags.Draining;
            return;
        }

        hot.State = ConnectionState.Ending;
        _ending[connection] = reason;
        if ((hot.Flags & ConnectionFlags.Signals) != 0)
        {
            _signal.ResetWrittenCount();
            var encoder = _context.Encoders[(int)hot.Format];
            switch (reason)
            {
                case CloseReason.TopicsEnded:
                    encoder.WriteEnd(_signal);
                    break;
                case CloseReason.Lifetime:
                    encoder.WriteDrain("lifetime", _context.Retry.NextRetryMilliseconds(), _signal);
                    break;
                default:
                    encoder.WriteDrain("shutdown", _context.Retry.NextRetryMilliseconds(), _signal);
                    break;
            }

            if (!SendSignal(connection, ref hot))
            {
                return; // Closed when the sink is ready, or gone already.
            }
        }

        Close(connection, reason);
    }

    private void Close(int connection, CloseReason reason)
    {
        ref var hot = ref _connections[connection];
        var strands = _feeds[hot.Feed].StrandSpan.ToArray();
        _feeds.Leave(connection);
        _plans.Remove(connection);
        _ending.Remove(connection);
        _snapshots.Remove(connection);
        _replayBases.Remove(connection);
        DropRest(connection);
        _connections.Remove(connection);
        Counters.Closed[(int)reason]++;
        _sink.Close(connection, reason);
        _context.ReleaseStrands(strands, Index);
    }

    private void Drain()
    {
        _draining = true;
        for (var connection = 0; connection < _connections.End; connection++)
        {
            ref var hot = ref _connections[connection];
            if (hot.State == ConnectionState.Live)
            {
                Visit(connection, direct: true); // What is ready goes first.
            }

            if (hot.State is ConnectionState.Live or ConnectionState.Replay)
            {
                End(connection, ref hot, CloseReason.Shutdown);
            }
        }
    }

    private void Stop()
    {
        for (var connection = 0; connection < _connections.End; connection++)
        {
            if (_connections[connection].State != ConnectionState.Free)
            {
                Close(connection, CloseReason.Shutdown);
            }
        }

        _stopped = true;
    }
}
