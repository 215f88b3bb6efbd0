using System.Buffers;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What connections ask for themselves: answers to commands, another set, their end.</summary>
internal sealed partial class DeliveryLoop
{
    private readonly Dictionary<int, Queue<ConnectionAsk>> _asks = []; // Those that wait until their connection stands between two events.
    private readonly Dictionary<int, long> _births = []; // Of connections in replay that have changed their set: the slot before which its strands are not complete.

    private void Take(ConnectionAsk ask)
    {
        var (connection, generation) = ask.Connection.Place;
        if (ask is { NewLease: { } lease, Strands: null })
        {
            Renew(ask, lease);
            return;
        }

        if (ask.Strands is not null && _connections.IsCurrent(connection, generation) && _connections[connection].State == ConnectionState.Live)
        {
            Visit(connection, direct: true); // At the head the new set needs no history.
        }

        if (!_connections.IsCurrent(connection, generation) || _connections[connection].State == ConnectionState.Ending)
        {
            GiveBack(ask, AskOutcome.Gone);
            return;
        }

        if (!_asks.TryGetValue(connection, out var waiting))
        {
            _asks.Add(connection, waiting = new Queue<ConnectionAsk>(1));
        }
        else if (waiting.Count >= ConnectionAsk.Most)
        {
            GiveBack(ask, AskOutcome.Busy);
            return;
        }

        waiting.Enqueue(ask);
        DoAsked(connection, ref _connections[connection]);
    }

    /// <summary>Does what was asked, in turn, while the connection stands between two events and may be written to. What it does may change the connection's state.</summary>
    private void DoAsked(int connection, ref HotConnection hot)
    {
        while (MayWrite(hot) && _asks.TryGetValue(connection, out var waiting))
        {
            var ask = waiting.Dequeue();
            if (waiting.Count == 0)
            {
                _asks.Remove(connection);
            }

            Do(ask, connection, ref hot);
        }
    }

    private void Do(ConnectionAsk ask, int connection, ref HotConnection hot)
    {
        if (ask.End is { } reason)
        {
            hot.State = ConnectionState.Ending;
            _ending[connection] = reason;
            ask.TrySetResult(AskOutcome.Done);
            _signal.ResetWrittenCount();
            _signal.Write(ask.Bytes);
            if (_signal.WrittenCount == 0 || SendSignal(connection, ref hot))
            {
                Close(connection, reason);
            }

            return;
        }

        if (ask.NewLease is { } lease && !TryReplace(ask, lease, connection, ref hot))
        {
            return;
        }

        _signal.ResetWrittenCount();
        if (ask.Strands is { } strands)
        {
            WriteMissed(connection, ref hot);
            Change(connection, ref hot, strands, ask);
            _signal.Write(ask.Answer!(new Position(_context.Epoch, hot.Offset)));
        }
        else
        {
            _signal.Write(ask.Bytes);
        }

        ask.TrySetResult(AskOutcome.Done);
        if (_signal.WrittenCount > 0 && !SendSignal(connection, ref hot))
        {
            return; // It goes on when the sink is ready, from where the change has put it; or it is gone.
        }

        if (ask.Strands is not null)
        {
            GoOn(connection, ref hot);
        }
    }

    /// <summary>In replay: what the set missed up to the connection's position, because history does not have it, is told before another set takes its place.</summary>
    private void WriteMissed(int connection, ref HotConnection hot)
    {
        var left = hot.Slot;
        var isInWindow = _context.Window.TryFindSlot(hot.Offset, beforeEphemeral: true, _pinnedTail, _context.Window.Head, out var slot);
        if (hot.State != ConnectionState.Replay || (isInWindow ? slot <= left : left >= _pinnedTail))
        {
            return; // It has not passed the place where it left, or began.
        }

        hot.Slot = isInWindow ? slot : left;
        if (_replayBases.TryGetValue(connection, out var from) && from < hot.Offset)
        {
            _replayBases[connection] = hot.Offset;
            var count = !MayHaveMissed(connection, hot, left) ? 0 : isInWindow ? CountEphemeral(connection, ref hot, left) : null;
            if (count != 0)
            {
                Counters.GapsTold++;
                if ((hot.Flags & ConnectionFlags.Signals) != 0)
                {
                    _context.Encoders[(int)hot.Format].WriteGap(At(hot.Offset), new Gap(At(from), At(hot.Offset), GapReason.Overflow, count), _signal);
                }
            }
        }
    }

    /// <summary>Puts a set in the place of the connection's, at its position: nothing of what both have in common is missed or repeated. Leaves the window if that has not all of the set that follows.</summary>
    private void Change(int connection, ref HotConnection hot, int[] strands, ConnectionAsk ask)
    {
        var old = _feeds[hot.Feed].StrandSpan.ToArray();
        hot.Offset = Math.Max(hot.Offset, _connections.Seen(connection)); // What a visit has seen is behind it, for the new set too.
        if (hot.State == ConnectionState.Live && hot.Slot >= _pinnedTail)
        {
            hot.Offset = Math.Max(hot.Offset, _context.Window.OffsetAt(hot.Slot));
        }

        _feeds.Leave(connection);
        Join(connection, strands, ask.ExactOnly);
        _context.ReleaseStrands(old, Index);
        hot.Flags &= ~ConnectionFlags.Counted;
        if ((hot.Flags & ConnectionFlags.PageAsked) != 0)
        {
            hot.Flags |= ConnectionFlags.PageStale;
        }

        if (hot.State == ConnectionState.Live && (hot.Slot < ask.Birth || hot.Slot + 1 < _pinnedTail))
        {
            LeaveWindow(connection, ref hot);
        }

        if (hot.State == ConnectionState.Replay)
        {
            _births[connection] = Math.Max(ask.Birth, _births.GetValueOrDefault(connection));
        }
        else
        {
            SetPassed(ref hot);
        }
    }

    private void GoOn(int connection, ref HotConnection hot)
    {
        if (hot.State == ConnectionState.Replay)
        {
            AskPage(connection, ref hot);
        }
        else
        {
            VisitAndEnd(connection, ref hot);
        }
    }

    /// <summary>Nobody will do it.</summary>
    private void GiveBack(ConnectionAsk ask, AskOutcome outcome)
    {
        if (ask.Strands is { } strands)
        {
            _context.ReleaseStrands(strands, Index);
        }

        ask.TrySetResult(outcome);
    }
}
