using System.Diagnostics;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Leases: how long connections may stay, and what is to be known of single ones.</summary>
internal sealed partial class DeliveryLoop
{
    private static readonly TimeSpan LookAtClock = TimeSpan.FromMinutes(1); // A lease ends by the clock on the wall, which may be set: it is looked at so often.

    private readonly LeaseTable _leases = new();
    private bool _reviewAsked;
    private int _reviewNext;
    private int _reviewEnd; // The connections that are being looked at are below.

    private bool HasReviewWork => _reviewAsked || _reviewNext < _reviewEnd;

    /// <summary>The loop's thread: how a connection stands; null where there is none with this id.</summary>
    public ConnectionView? Find(ulong id) => _connections.Ids.Find(id) is var connection and >= 0 ? View(connection) : null;

    /// <summary>The loop's thread: how a connection stands; null where it has ended.</summary>
    public ConnectionView? Find(IConnectionPlace place) => place.Place is var (number, generation) && _connections.IsCurrent(number, generation) ? View(number) : null;

    /// <summary>The loop's thread: connections from a number on that a filter lets through, at most so many, looking at no more than <paramref name="mostSeen"/>; and the number to go on with, −1 at the end.</summary>
    public (List<ConnectionView> Found, int Next) List(int from, int most, int mostSeen, ConnectionFilter filter)
    {
        var (found, byFeed) = (new List<ConnectionView>(), new Dictionary<int, bool>());
        var end = (int)Math.Min(_connections.End, (long)from + mostSeen);
        for (var connection = from; connection < end; connection++)
        {
            ref var hot = ref _connections[connection];
            if (hot.State == ConnectionState.Free || !IsWanted(connection, hot, filter, byFeed))
            {
                continue;
            }

            if (found.Count == most)
            {
                return (found, connection);
            }

            found.Add(View(connection));
        }

        return (found, end < _connections.End ? end : -1);
    }

    /// <summary>The loop's thread: ends a connection now. False where there is none with this id.</summary>
    public bool End(ulong id, CloseReason reason)
    {
        if (_connections.Ids.Find(id) is not (var connection and >= 0))
        {
            return false;
        }

        EndNow(connection, ref _connections[connection], reason);
        return true;
    }

    private bool IsWanted(int connection, in HotConnection hot, ConnectionFilter filter, Dictionary<int, bool> byFeed)
    {
        if (hot.State != (filter.State ?? hot.State) || (filter.IsSlow is { } isSlow && isSlow != ((hot.Flags & ConnectionFlags.Slow) != 0)) || filter.Lease?.Invoke(_leases[connection]) == false)
        {
            return false;
        }

        if (filter.Selectors is { } selects && !byFeed.TryGetValue(hot.Feed, out _))
        {
            byFeed[hot.Feed] = selects(SelectorsOf(hot.Feed)); // Many connections share one.
        }

        return filter.Selectors is null || byFeed[hot.Feed];
    }

    private ConnectionView View(int connection)
    {
        ref var hot = ref _connections[connection];
        return new ConnectionView(
            _connections.Ids[connection], connection, hot.Generation, hot.Format, hot.State, (hot.Flags & ConnectionFlags.Slow) != 0, new Position(_context.Epoch, hot.Offset),
            TimeSpan.FromMilliseconds((double)(_tick - _connections.Opened(connection)) * TickMilliseconds), _leases[connection], SelectorsOf(hot.Feed));
    }

    /// <summary>Gives a connection a lease. False if that has been taken back: then the connection ends.</summary>
    private bool TryHold(int connection, ref HotConnection hot, Lease lease)
    {
        _leases[connection]?.Ended();
        _leases.Set(connection, lease);
        lease.Begun();
        hot.Flags &= ~ConnectionFlags.ExpiryTold;
        if (lease.IsRevoked) // Behind the line before: who takes it back from now on finds the connection.
        {
            EndNow(connection, ref hot, CloseReason.Revoked);
            return false;
        }

        _connections.Expiry(connection) = lease.Expires is { } expires ? NextLook(hot, expires - _context.Clock.GetUtcNow()) : ConnectionTable.Never;
        _connections.Deadline(connection) = Math.Min(_connections.Deadline(connection), _connections.Expiry(connection));
        return true;
    }

    private void Renew(ConnectionAsk ask, Lease lease)
    {
        var (connection, generation) = ask.Connection.Place;
        if (!_connections.IsCurrent(connection, generation) || _connections[connection].State == ConnectionState.Ending)
        {
            GiveBack(ask, AskOutcome.Gone);
        }
        else if (TryReplace(ask, lease, connection, ref _connections[connection]))
        {
            ask.TrySetResult(AskOutcome.Done);
        }
    }

    /// <summary>Puts a lease in the place of the one for which it was made. False if the connection has another one, or ends.</summary>
    private bool TryReplace(ConnectionAsk ask, Lease lease, int connection, ref HotConnection hot)
    {
        if (!ReferenceEquals(_leases[connection], ask.OldLease))
        {
            GiveBack(ask, AskOutcome.Stale);
            return false;
        }

        if (!TryHold(connection, ref hot, lease))
        {
            GiveBack(ask, AskOutcome.Gone);
            return false;
        }

        return true;
    }

    /// <summary>Looks at a connection's lease, whose time may be over. False if the connection has ended.</summary>
    private bool TryStay(int connection, ref HotConnection hot)
    {
        _connections.Expiry(connection) = ConnectionTable.Never;
        if (hot.State is not (ConnectionState.Live or ConnectionState.Replay) || _leases[connection]?.Expires is not { } expires)
        {
            return true;
        }

        var left = expires - _context.Clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            EndNow(connection, ref hot, CloseReason.Expired);
            return false;
        }

        if (left <= _context.Options.Access.RenewBefore && (hot.Flags & (ConnectionFlags.ExpiryTold | ConnectionFlags.Signals)) == ConnectionFlags.Signals && hot.Format != WireFormat.Poll)
        {
            TellExpiry(connection, ref hot, expires, left);
        }

        if (hot.State != ConnectionState.Free)
        {
            _connections.Expiry(connection) = NextLook(hot, left);
        }

        return hot.State != ConnectionState.Free;
    }

    /// <summary>A connection that does not stand between two events is told the next time that it is looked at.</summary>
    private void TellExpiry(int connection, ref HotConnection hot, DateTimeOffset expires, TimeSpan left)
    {
        if (!MayWrite(hot))
        {
            return;
        }

        hot.Flags |= ConnectionFlags.ExpiryTold;
        _signal.ResetWrittenCount();
        _context.Encoders[(int)hot.Format].WriteAuthExpiring(new Position(_context.Epoch, hot.Offset), expires, left, _signal);
        SendSignal(connection, ref hot);
    }

    private uint NextLook(in HotConnection hot, TimeSpan left)
    {
        var untilTold = left - _context.Options.Access.RenewBefore;
        var isTold = (hot.Flags & ConnectionFlags.ExpiryTold) != 0 || (hot.Flags & ConnectionFlags.Signals) == 0;
        var next = isTold ? left : untilTold > TimeSpan.Zero ? untilTold : TimeSpan.FromMilliseconds(TickMilliseconds);
        return _tick + Ticks(next < LookAtClock ? next : LookAtClock);
    }

    /// <summary>Ends a connection that may have nothing more: with the signal that says why, or, where that cannot be said, by cutting it.</summary>
    private void EndNow(int connection, ref HotConnection hot, CloseReason reason)
    {
        if (MayWrite(hot))
        {
            End(connection, ref hot, reason);
        }
        else if (hot.State is ConnectionState.Live or ConnectionState.Replay)
        {
            Close(connection, CloseReason.CutOff);
        }
    }

    /// <summary>Ends those whose leases were taken back, as many as fit into a turn.</summary>
    private void ReviewLeases()
    {
        if (_reviewNext >= _reviewEnd)
        {
            if (!_reviewAsked)
            {
                return;
            }

            (_reviewAsked, _reviewNext, _reviewEnd) = (false, 0, _connections.End);
        }

        var until = Stopwatch.GetTimestamp() + TurnTime;
        for (; _reviewNext < _reviewEnd; _reviewNext++)
        {
            if ((_reviewNext & 31) == 31 && Stopwatch.GetTimestamp() > until)
            {
                return; // The rest in the next turn: others wait for their events meanwhile.
            }

            if (_leases[_reviewNext] is { IsRevoked: true })
            {
                EndNow(_reviewNext, ref _connections[_reviewNext], CloseReason.Revoked);
            }
        }
    }
}
