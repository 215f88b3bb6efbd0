using System.Buffers;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What connections ask for themselves: answers to commands, another set, their end.</summary>
internal sealed partial class DeliveryLoop
{
    private readonly Dictionary<int, ConnectionAsk> _asks = []; // Those that wait until their connection stands between two events.

    private void Take(ConnectionAsk ask)
    {
        var (connection, generation) = ask.Owner.Place;
        if (ask.Strands is not null && _connections.IsCurrent(connection, generation) && _connections[connection].State == ConnectionState.Live)
        {
            Visit(connection, direct: true); // At the head the new set needs no history.
        }

        if (!_connections.IsCurrent(connection, generation) || _connections[connection].State == ConnectionState.Ending || !_asks.TryAdd(connection, ask))
        {
            GiveBack(ask);
            return;
        }

        DoAsked(connection, ref _connections[connection]);
    }

    /// <summary>The subscriber has answered a ping.</summary>
    private void Heard(IConnectionOwner owner)
    {
        var (connection, generation) = owner.Place;
        if (_connections.IsCurrent(connection, generation))
        {
            _connections[connection].Flags &= ~ConnectionFlags.PongDue;
        }
    }

    /// <summary>Does what was asked, if the connection stands between two events and may be written to. What it does may change the connection's state.</summary>
    private void DoAsked(int connection, ref HotConnection hot)
    {
        if (!MayWrite(hot) || !_asks.Remove(connection, out var ask))
        {
            return;
        }

        if (ask.End is { } reason)
        {
            hot.State = ConnectionState.Ending;
            _ending[connection] = reason;
            ask.TrySetResult(true);
            if (ask.Bytes is not { } last || Say(connection, ref hot, last))
            {
                Close(connection, reason);
            }

            return;
        }

        var bytes = ask.Bytes;
        if (ask.Strands is { } strands)
        {
            Change(connection, ref hot, strands, ask.ExactOnly);
            bytes = ask.Answer!(new Position(_context.Epoch, hot.Offset));
        }

        ask.TrySetResult(true);
        if (bytes is not null && !Say(connection, ref hot, bytes))
        {
            return; // It goes on when the sink is ready; or it is gone.
        }

        if (ask.Strands is not null)
        {
            GoOn(connection, ref hot, ask.Birth);
        }
    }

    private bool Say(int connection, ref HotConnection hot, ReadOnlySpan<byte> bytes)
    {
        _signal.ResetWrittenCount();
        _signal.Write(bytes);
        return SendSignal(connection, ref hot);
    }

    /// <summary>Puts a set in the place of the connection's, at its position: nothing of what both have in common is missed or repeated.</summary>
    private void Change(int connection, ref HotConnection hot, int[] strands, bool exactOnly)
    {
        var old = _feeds[hot.Feed].StrandSpan.ToArray();
        hot.Offset = Math.Max(hot.Offset, _connections.Seen(connection)); // What a visit has seen is behind it, for the new set too.
        if (hot.State == ConnectionState.Live && hot.Slot >= _pinnedTail)
        {
            hot.Offset = Math.Max(hot.Offset, _context.Window.OffsetAt(hot.Slot));
        }

        _feeds.Leave(connection);
        foreach (var strand in strands)
        {
            if (_feeds.Subscribers(strand).IsEmpty)
            {
                _clearPending(strand); // As in Adopt.
                _clearPendingCritical(strand);
            }
        }

        _feeds.Join(connection, strands, exactOnly);
        _context.ReleaseStrands(old, Index);
        hot.Flags &= ~ConnectionFlags.Counted;
        if ((hot.Flags & ConnectionFlags.PageAsked) != 0)
        {
            hot.Flags |= ConnectionFlags.PageStale;
        }
    }

    /// <summary>After a change of the set: on from the window if it has all that follows, else from history.</summary>
    private void GoOn(int connection, ref HotConnection hot, long birth)
    {
        if (hot.State == ConnectionState.Replay)
        {
            AskPage(connection, ref hot);
        }
        else if (hot.Slot >= birth && hot.Slot + 1 >= _pinnedTail)
        {
            SetPassed(ref hot);
            VisitAndEnd(connection, ref hot);
        }
        else
        {
            BeginReplay(connection, ref hot);
        }
    }

    /// <summary>The connection is gone: nobody will do it.</summary>
    private void GiveBack(ConnectionAsk ask)
    {
        if (ask.Strands is { } strands)
        {
            _context.ReleaseStrands(strands, Index);
        }

        ask.TrySetResult(false);
    }
}
