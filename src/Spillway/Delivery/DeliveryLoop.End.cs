namespace Spillway.Delivery;

/// <summary>How connections end, and the loop.</summary>
internal sealed partial class DeliveryLoop
{
    private readonly Dictionary<int, CloseReason> _ending = []; // Connections whose last bytes are on their way.

    /// <summary>Ends a stream properly: the signal that says why, then the end. Between two blocks only; else as soon as there is one.</summary>
    private void End(int connection, ref HotConnection hot, CloseReason reason)
    {
        if ((hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Rest)) != 0 || hot.Skip > 0)
        {
            hot.Flags |= ConnectionFlags.Draining;
            return;
        }

        var retry = _context.Retry.NextRetryMilliseconds();
        NotePosition(connection, hot);
        if (PollOf(connection, hot) is { } poll && reason != CloseReason.TopicsEnded)
        {
            poll.Retry = retry;
        }

        hot.State = ConnectionState.Ending;
        _ending[connection] = reason;
        _signal.ResetWrittenCount();
        WriteEnd(reason, retry, _context.Encoders[(int)hot.Format], withSignals: (hot.Flags & ConnectionFlags.Signals) != 0);
        if (_signal.WrittenCount > 0 && !SendSignal(connection, ref hot))
        {
            return; // Closed when the sink is ready, or gone already.
        }

        Close(connection, reason);
    }

    private void WriteEnd(CloseReason reason, int retry, IWireEncoder encoder, bool withSignals)
    {
        if (withSignals && reason == CloseReason.TopicsEnded)
        {
            encoder.WriteEnd(_signal);
        }
        else if (withSignals)
        {
            encoder.WriteDrain(WordFor(reason), retry, _signal);
        }

        encoder.WriteClose(reason, retry, _signal);
    }

    /// <summary>What a subscriber is told: the protocol's words.</summary>
    private static string WordFor(CloseReason reason) => reason switch
    {
        CloseReason.Lifetime => "lifetime",
        CloseReason.Overflow => "overflow",
        CloseReason.Expired => "expired",
        CloseReason.Revoked => "revoked",
        CloseReason.Disconnected => "disconnected",
        _ => "shutdown",
    };

    private void EndIfTopicsEnded(int connection, ref HotConnection hot)
    {
        ref var feed = ref _feeds[hot.Feed];
        if (!feed.ExactOnly || hot.State != ConnectionState.Live)
        {
            return;
        }

        foreach (var strand in feed.StrandSpan)
        {
            // The flag first: it is set behind the head, so a head read afterwards covers the event that ends the topic.
            var ended = Volatile.Read(ref _context.Strands[strand].Ended) != 0;
            if (!ended || Volatile.Read(ref _context.Strands.Head(strand).Slot) > hot.Slot)
            {
                return;
            }
        }

        End(connection, ref hot, CloseReason.TopicsEnded);
    }

    private void Close(int connection, CloseReason reason)
    {
        ref var hot = ref _connections[connection];
        StopWaiting(connection, ref hot);
        if (reason != CloseReason.Failed) // Then nothing is pinned.
        {
            NotePosition(connection, hot);
        }

        _polls.Remove(connection);
        var strands = _feeds[hot.Feed].StrandSpan.ToArray();
        _feeds.Leave(connection);
        _plans.Remove(connection);
        _ending.Remove(connection);
        _snapshots.Remove(connection);
        _replayBases.Remove(connection);
        _births.Remove(connection);
        _toldExpired.Remove(connection);
        _leases[connection]?.Ended();
        _leases.Set(connection, null);
        if (_asks.Remove(connection, out var asks))
        {
            foreach (var ask in asks)
            {
                GiveBack(ask, AskOutcome.Gone);
            }
        }

        DropRest(connection);
        var offset = hot.Offset;
        _connections.Remove(connection);
        Counters.Closed[(int)reason]++;
        _sink.Close(connection, reason, offset);
        _context.ReleaseStrands(strands, Index);
    }

    private void Stop()
    {
        for (var connection = 0; connection < _connections.End; connection++)
        {
            ref var hot = ref _connections[connection];
            if (hot.State != ConnectionState.Free)
            {
                // One that has bytes on their way is cut: waiting for them is what the grace period was for.
                Close(connection, (hot.Flags & ConnectionFlags.Behind) != 0 || hot.Skip > 0 ? CloseReason.WriteTimeout : CloseReason.Shutdown);
            }
        }

        Volatile.Write(ref _stopped, true);
        Interlocked.MemoryBarrier();
        RefuseCommands();
    }

    /// <summary>Any thread, once the loop has stopped: answers what nobody will take any more.</summary>
    private void RefuseCommands()
    {
        while (_commands.TryDequeue(out var command))
        {
            if (command.Argument is Adoption adoption)
            {
                _context.ReleaseStrands(adoption.Strands, Index);
                adoption.Owner!.Refused();
                Interlocked.Increment(ref Counters.Closed[(int)CloseReason.Shutdown]); // Several threads may be here.
            }

            (command.Argument as ReplayPage)?.Return();
            if (command.Argument is ConnectionAsk ask)
            {
                GiveBack(ask, AskOutcome.Gone);
            }

            (command.Argument as ILoopQuery)?.Refuse();
            (command.Argument as ReceiptAsk)?.TrySetResult(new Receipt(ReceiptOutcome.NotSent));
        }
    }

    /// <summary>A turn that breaks costs the loop's connections, which may resume, not the process.</summary>
    private bool TryTurn()
    {
        try
        {
            return Turn();
        }
#pragma warning disable CA1031 // Whatever broke, these connections end with a reason and the next ones are served.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TurnFailed(_context.Logger, Index, fault);
            CloseAll(CloseReason.Failed);
            return true;
        }
    }

    private void CloseAll(CloseReason reason)
    {
        for (var connection = 0; connection < _connections.End; connection++)
        {
            if (_connections[connection].State != ConnectionState.Free)
            {
                Close(connection, reason);
            }
        }
    }
}
