using System.Numerics;
using System.Runtime.InteropServices;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Signals, bytes copied aside, and deadlines.</summary>
internal sealed partial class DeliveryLoop
{
    private readonly Dictionary<int, byte[]> _rests = [];

    /// <summary>Writes the prepared signal. False if nothing more may be written now, or the connection is gone.</summary>
    private bool SendSignal(int connection, ref HotConnection hot)
    {
        var bytes = _signal.WrittenSpan;
        var taken = _sink.Send(connection, bytes, out var ready);
        if (taken < 0)
        {
            Close(connection, CloseReason.ClientClosed);
            return false;
        }

        Counters.SignalsSent++;
        Sent(ref hot, taken);
        if (taken < bytes.Length)
        {
            KeepRest(connection, ref hot, bytes[taken..]);
            ready = false;
        }

        if (!ready && hot.State != ConnectionState.Free)
        {
            FallBehind(connection, ref hot);
        }

        return ready;
    }

    private void KeepRest(int connection, ref HotConnection hot, ReadOnlySpan<byte> rest)
    {
        if (Counters.RestBytes + rest.Length > _context.Options.Delivery.RestBytes)
        {
            Counters.RestOverflows++;
            Close(connection, CloseReason.WriteTimeout);
            return;
        }

        DropRest(connection);
        _rests[connection] = rest.ToArray();
        Counters.RestBytes += rest.Length;
        hot.Flags |= ConnectionFlags.Rest;
    }

    private void DropRest(int connection)
    {
        if (_rests.Remove(connection, out var rest))
        {
            Counters.RestBytes -= rest.Length;
        }
    }

    /// <summary>Sends what was copied aside. True if all of it is sent and more may be written.</summary>
    private bool SendRest(int connection, ref HotConnection hot)
    {
        var rest = _rests[connection];
        var taken = _sink.Send(connection, rest, out var ready);
        if (taken < 0)
        {
            Close(connection, CloseReason.ClientClosed);
            return false;
        }

        Sent(ref hot, taken);
        DropRest(connection);
        hot.Flags &= ~ConnectionFlags.Rest;
        if (taken < rest.Length)
        {
            KeepRest(connection, ref hot, rest.AsSpan(taken));
            ready = false;
        }

        if (!ready && hot.State != ConnectionState.Free)
        {
            FallBehind(connection, ref hot);
        }

        return ready;
    }

    private static uint Ticks(TimeSpan time) => (uint)Math.Clamp(Math.Ceiling(time.TotalMilliseconds / TickMilliseconds), 1, uint.MaxValue / 4);

    /// <summary>Finds who is due: a pass over one dense array, a vector at a time.</summary>
    private void ScanDeadlines()
    {
        var deadlines = MemoryMarshal.Cast<uint, Vector<uint>>(_connections.Deadlines);
        var due = new Vector<uint>(_tick);
        var first = 0;
        foreach (ref readonly var vector in deadlines)
        {
            if (Vector.LessThanOrEqualAny(vector, due))
            {
                ScanRange(first, first + Vector<uint>.Count);
            }

            first += Vector<uint>.Count;
        }

        ScanRange(first, _connections.End);
    }

    private void ScanRange(int from, int to)
    {
        for (var connection = from; connection < Math.Min(to, _connections.End); connection++)
        {
            if (_connections.Deadline(connection) <= _tick)
            {
                OnDeadline(connection, ref _connections[connection]);
            }
        }
    }

    private void OnDeadline(int connection, ref HotConnection hot)
    {
        var behind = (hot.Flags & ConnectionFlags.Behind) != 0;
        if (behind && _tick - hot.LastWrite >= Ticks(_context.Options.Sse.WriteStall))
        {
            Close(connection, CloseReason.WriteTimeout);
            return;
        }

        if (_connections.Expiry(connection) <= _tick && !TryStay(connection, ref hot))
        {
            return;
        }

        if (hot.State is ConnectionState.Live or ConnectionState.Replay && _connections.Lifetime(connection) <= _tick)
        {
            _connections.Lifetime(connection) = ConnectionTable.Never;
            if ((hot.Flags & ConnectionFlags.Waiting) != 0)
            {
                WriteWaiting(connection, ref hot);
            }

            if (hot.State is ConnectionState.Live or ConnectionState.Replay)
            {
                EndLifetime(connection, ref hot);
            }
        }
        else if (!behind && hot.State is ConnectionState.Live or ConnectionState.Replay && _connections.Ping(connection) <= _tick)
        {
            Ping(connection, ref hot);
        }
        else if (!behind && hot.State is ConnectionState.Live or ConnectionState.Replay && WireFormats.HasKeepAlives(hot.Format) && _tick - hot.LastWrite >= Ticks(_context.Options.Sse.KeepAlive))
        {
            KeepAlive(connection, ref hot);
        }

        if (hot.State is not ConnectionState.Free)
        {
            _connections.Deadline(connection) = NextDeadline(connection, ref hot);
        }
    }

    /// <summary>Asks a subscriber whether it is there: in any case, for what is written may only fill buffers between. One that has not answered the last time is gone.</summary>
    private void Ping(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & (ConnectionFlags.PongDue | ConnectionFlags.Slow)) == ConnectionFlags.PongDue)
        {
            Close(connection, CloseReason.PongTimeout);
            return;
        }

        Look(connection, hot);
        if (MayWrite(hot))
        {
            _connections.Ping(connection) = _tick + Ticks(_context.Options.Sse.KeepAlive);
            hot.Flags |= ConnectionFlags.PongDue;
            SendKeepAlive(connection, ref hot);
        }
    }

    private void KeepAlive(int connection, ref HotConnection hot)
    {
        Look(connection, hot);
        if (MayWrite(hot) && hot.LastWrite != _tick)
        {
            SendKeepAlive(connection, ref hot);
        }
    }

    private void Look(int connection, in HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Waiting) == 0) // What waits is not due, and its cursor stays before it.
        {
            Visit(connection, direct: true);
        }
    }

    /// <summary>Whether a connection that goes on stands between two events and takes bytes: within an event nothing else may be written.</summary>
    private static bool MayWrite(in HotConnection hot) =>
        hot.State is ConnectionState.Live or ConnectionState.Replay && (hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Rest)) == 0 && hot.Skip == 0;

    private void SendKeepAlive(int connection, ref HotConnection hot)
    {
        _signal.ResetWrittenCount();
        var encoder = _context.Encoders[(int)hot.Format];
        var magnitude = _context.Retry.RetryMagnitude;
        if (Math.Abs(magnitude - hot.RetryMagnitude) >= IRetryDelays.StepsOfADoubling)
        {
            hot.RetryMagnitude = magnitude;
            encoder.WriteRetry(_context.Retry.NextRetryMilliseconds(), _signal);
        }

        var head = PassedOffset(hot);
        var hasMoved = head > hot.Offset && (hot.Flags & (ConnectionFlags.Signals | ConnectionFlags.Ahead)) == ConnectionFlags.Signals;
        if (hasMoved)
        {
            hot.Offset = head; // Nothing of its own lies between: the visit found nothing up to this slot.
        }

        var hasCursor = hasMoved || (_context.Cursors.AreSealed && (hot.Flags & ConnectionFlags.Signals) != 0); // Who may not know what others publish must not learn by this that they do.
        if (hasCursor)
        {
            encoder.WriteCursor(new Position(_context.Epoch, hot.Offset), _signal);
        }

        if (!hasCursor || WireFormats.HasPings(hot.Format))
        {
            encoder.WriteKeepAlive(_signal);
        }

        SendSignal(connection, ref hot);
    }

    private uint NextDeadline(int connection, ref HotConnection hot)
    {
        var isBehind = (hot.Flags & ConnectionFlags.Behind) != 0;
        var due = isBehind ? hot.LastWrite + Ticks(_context.Options.Sse.WriteStall)
            : !WireFormats.HasKeepAlives(hot.Format) ? _connections.Ping(connection) : hot.LastWrite + Ticks(_context.Options.Sse.KeepAlive);
        return Math.Min(Math.Max(due, _tick + 1), Math.Min(_connections.Lifetime(connection), _connections.Expiry(connection)));
    }
}
