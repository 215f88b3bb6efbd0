using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>How connections come.</summary>
internal sealed partial class DeliveryLoop
{
    private void TakeCommands()
    {
        while (!_stopped && _commands.TryDequeue(out var command))
        {
            switch (command.Kind)
            {
                case LoopCommandKind.Adopt:
                    Adopt((Adoption)command.Argument!);
                    break;
                case LoopCommandKind.Ask:
                    Take((ConnectionAsk)command.Argument!);
                    break;
                case LoopCommandKind.Receipt:
                    Take((ReceiptAsk)command.Argument!);
                    break;
                case LoopCommandKind.Heard when _connections.IsCurrent(command.Connection, command.Generation):
                    _connections[command.Connection].Flags &= ~ConnectionFlags.PongDue;
                    break;
                case LoopCommandKind.Query:
                    ((ILoopQuery)command.Argument!).Answer(this);
                    break;
                case LoopCommandKind.Review:
                    _reviewAsked = true;
                    break;
                case LoopCommandKind.Drain:
                    BeginDrain(command.Argument is TimeSpan time ? time : TimeSpan.Zero);
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
                case LoopCommandKind.Failed when _connections.IsCurrent(command.Connection, command.Generation):
                    Close(command.Connection, CloseReason.Failed);
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
        hot.Flags = (adoption.Signals ? ConnectionFlags.Signals : ConnectionFlags.None) | (adoption.Latest ? ConnectionFlags.Latest : ConnectionFlags.None);
        hot.LastWrite = _tick;
        hot.Wrote = (uint)_now - LongAgo;
        hot.RetryMagnitude = _context.Retry.RetryMagnitude;
        if (adoption.Batch > 0)
        {
            hot.Flags |= ConnectionFlags.Batch;
            _wheel.Ensure(connection);
            _wheel[connection].Own = adoption.Batch;
        }

        _connections.Ids.Add(connection, adoption.Id);
        _connections.Opened(connection) = _tick;
        hot.Slot = adoption.Slot;
        hot.Offset = adoption.Offset;
        hot.State = ConnectionState.Live;
        Join(connection, adoption.Strands, adoption.ExactOnly);
        if (adoption.Poll is { } poll)
        {
            AddPoll(connection, ref hot, poll);
        }
        else if (_context.Options.Sse.MaxLifetime is { } limit)
        {
            _connections.Lifetime(connection) = _tick + Ticks(limit * (0.9 + (Random.Shared.NextDouble() * 0.2)));
        }

        _connections.Ping(connection) = WireFormats.HasPings(hot.Format) ? _tick + Ticks(_context.Options.Sse.KeepAlive * (0.5 + (Random.Shared.NextDouble() / 2))) : ConnectionTable.Never;
        _connections.Deadline(connection) = NextDeadline(connection, ref hot);
        adoption.Owner!.Adopted(connection, hot.Generation);
        if (adoption.Lease is { } lease && !TryHold(connection, ref hot, lease))
        {
            return;
        }

        if (adoption.Lost is { } lost && !TellLost(connection, ref hot, lost))
        {
            return;
        }

        Begin(connection, ref hot, adoption);
        if (_draining && hot.State is ConnectionState.Live or ConnectionState.Replay)
        {
            End(connection, ref hot, CloseReason.Shutdown);
        }
    }

    /// <summary>Puts a connection into the feed of a set. The caller looks at it afterwards, for it has not been told of what came before.</summary>
    private void Join(int connection, int[] strands, bool exactOnly)
    {
        foreach (var strand in strands)
        {
            if (_feeds.Subscribers(strand).IsEmpty)
            {
                _clearPending(strand); // A mark that came before there was anybody here may be lost (MarkAll).
                _clearPendingCritical(strand);
                _context.Strands.Batched.Take(Index, strand);
            }
        }

        _feeds.Join(connection, strands, exactOnly);
    }

    private void Begin(int connection, ref HotConnection hot, Adoption adoption)
    {
        var head = _context.Window.Head;
        if (adoption.SnapshotUpTo > 0)
        {
            hot.Flags |= ConnectionFlags.Snapshot;
            _snapshots[connection] = adoption.SnapshotUpTo;
            BeginBehind(connection, ref hot, adoption);
        }
        else if (!adoption.Live && adoption.Offset > _context.Window.OffsetAt(head))
        {
            hot.Flags |= ConnectionFlags.Ahead;
        }
        else if (!adoption.Live)
        {
            if (!_context.Window.TryFindSlot(adoption.Offset, beforeEphemeral: false, _pinnedTail, head, out var slot) || slot < adoption.Birth)
            {
                BeginBehind(connection, ref hot, adoption);
                return;
            }

            hot.Slot = slot;
        }

        if (hot.State == ConnectionState.Live)
        {
            SetPassed(ref hot);
            if (!AwaitAsPoll(connection, ref hot))
            {
                VisitAndEnd(connection, ref hot);
            }
        }
    }

    private void BeginBehind(int connection, ref HotConnection hot, Adoption adoption)
    {
        if (_context.Rules.Current.AnyEphemeral)
        {
            SetPassed(ref hot);
            _replayBases[connection] = adoption.SlotOffset;
        }

        BeginReplay(connection, ref hot);
    }

    /// <summary>A visit of a connection that may have nothing to come: its topics have ended, or it is to end.</summary>
    private void VisitAndEnd(int connection, ref HotConnection hot)
    {
        Visit(connection, direct: true);
        if (hot.State != ConnectionState.Live || (hot.Flags & ConnectionFlags.Behind) != 0)
        {
            return;
        }

        if ((hot.Flags & ConnectionFlags.Draining) != 0)
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
        _connections.SetBehind(connection, false);
        hot.Flags &= ~ConnectionFlags.PongDue; // It took bytes. Its pong may lie behind many more: it is asked anew.
        hot.LastWrite = _tick;
        _connections.Deadline(connection) = NextDeadline(connection, ref hot); // Not that of the stall any more, which may be later.
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
}
