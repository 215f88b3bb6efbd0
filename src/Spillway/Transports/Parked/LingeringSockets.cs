namespace Spillway.Transports.Parked;

/// <summary>
/// Sockets whose last bytes are in the kernel, until their clients have closed, too: who closes a socket with bytes unread resets it, and the client may lose the last bytes it was sent. For a time.
/// </summary>
/// <param name="calls">The system.</param>
/// <param name="patience">How long a client may take.</param>
/// <param name="mostBytes">What is read and forgotten of one, at most: one that goes on is reset.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Told of each.</param>
internal sealed class LingeringSockets(SocketCalls calls, TimeSpan patience, int mostBytes, TimeProvider time, Action<LingerEnd> ended) : IDisposable
{
    private const int MostReads = 4; // Of one, before the others.
    private const int FewClosed = 64;

    private readonly Dictionary<ulong, (int Descriptor, int Read)> _sockets = []; // At most Transports:LingeringConnections.
    private Queue<(ulong Key, long Began)> _due = new(); // In the order of their ends: all have the same time. Those that have closed before it are there still.

    /// <summary>May be read by any thread.</summary>
    public int Count => _sockets.Count;

    /// <summary>How many turns are kept: of those that wait, and of no more than as many, and a few, that have closed.</summary>
    public int Turns => _due.Count;

    /// <summary>How long nobody is late.</summary>
    public TimeSpan NextDue => _due.TryPeek(out var first) ? patience - time.GetElapsedTime(first.Began) : TimeSpan.MaxValue;

    /// <summary>When the first of them ended, by the clock's timestamp; the largest number: there is none.</summary>
    public long Oldest
    {
        get
        {
            DropClosed();
            return _due.TryPeek(out var first) ? first.Began : long.MaxValue;
        }
    }

    /// <summary>Ends our half, and waits for the client's. What has come already was announced already: <see cref="Read"/> follows.</summary>
    public void Add(ulong key, int descriptor)
    {
        calls.Shutdown(descriptor, both: false);
        if (_due.Count > (2 * _sockets.Count) + FewClosed)
        {
            _due = new Queue<(ulong Key, long Began)>(_due.Where(turn => _sockets.ContainsKey(turn.Key))); // Most clients close at once, and one that does not would keep the turns of all behind it.
        }

        _due.Enqueue((key, time.GetTimestamp()));
        _sockets.Add(key, (descriptor, 0));
    }

    /// <summary>Reads and forgets what the client sent. True if there may be more: then it is to be called again.</summary>
    public bool Read(ulong key, Span<byte> scratch)
    {
        if (!_sockets.TryGetValue(key, out var socket))
        {
            return false;
        }

        for (var reads = 0; reads < MostReads; reads++)
        {
            var received = calls.Receive(socket.Descriptor, scratch);
            if (received == -SocketCalls.Again)
            {
                _sockets[key] = socket;
                return false;
            }

            socket.Read += Math.Max(received, 0);
            if (received <= 0 || socket.Read > mostBytes)
            {
                Remove(key, socket.Descriptor, received <= 0 ? LingerEnd.InTime : LingerEnd.Talkative);
                return false;
            }
        }

        _sockets[key] = socket;
        return true;
    }

    /// <summary>Closes those whose time is over.</summary>
    public void CloseLate()
    {
        while (_due.TryPeek(out var first) && time.GetElapsedTime(first.Began) >= patience)
        {
            _due.Dequeue();
            if (_sockets.TryGetValue(first.Key, out var socket))
            {
                Remove(first.Key, socket.Descriptor, LingerEnd.Late);
            }
        }
    }

    /// <summary>Closes the one that has waited longest.</summary>
    public void CloseOldest()
    {
        DropClosed();
        if (_due.TryDequeue(out var first))
        {
            Remove(first.Key, _sockets[first.Key].Descriptor, LingerEnd.Full);
        }
    }

    public void Dispose()
    {
        foreach (var (descriptor, _) in _sockets.Values)
        {
            calls.Close(descriptor);
            ended(LingerEnd.Stopped);
        }

        _sockets.Clear();
        _due.Clear();
    }

    private void Remove(ulong key, int descriptor, LingerEnd how)
    {
        ended(how); // First: who sees that it is gone also sees that it was counted.
        calls.Close(descriptor); // With bytes unread it is a reset.
        _sockets.Remove(key);
    }

    /// <summary>Forgets the first ones' turns, as far as their clients have closed before.</summary>
    private void DropClosed()
    {
        while (_due.TryPeek(out var first) && !_sockets.ContainsKey(first.Key))
        {
            _due.Dequeue();
        }
    }
}
