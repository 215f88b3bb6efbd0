namespace Spillway.Transports.Parked;

/// <summary>
/// Sockets whose last bytes are in the kernel, until their clients have closed, too: who closes a socket with bytes unread resets it, and the client may lose the last bytes it was sent. For a time.
/// </summary>
/// <param name="calls">The system.</param>
/// <param name="patience">How long a client may take.</param>
/// <param name="mostBytes">What is read and forgotten of one, at most: one that goes on is reset.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Told of each: whether its client was in time.</param>
internal sealed class LingeringSockets(SocketCalls calls, TimeSpan patience, int mostBytes, TimeProvider time, Action<bool> ended) : IDisposable
{
    private const int MostReads = 4; // Of one, before the others.

    private readonly Dictionary<ulong, (int Descriptor, int Read)> _sockets = []; // As many as there are descriptors, at most.
    private readonly Queue<(ulong Key, long Began)> _due = new(); // In the order of their ends: all have the same time.

    /// <summary>May be read by any thread.</summary>
    public int Count => _sockets.Count;

    /// <summary>How long nobody is late.</summary>
    public TimeSpan NextDue => _due.TryPeek(out var first) ? patience - time.GetElapsedTime(first.Began) : TimeSpan.MaxValue;

    /// <summary>Ends our half, and waits for the client's. What has come already was announced already: <see cref="Read"/> follows.</summary>
    public void Add(ulong key, int descriptor)
    {
        calls.Shutdown(descriptor, both: false);
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
                Remove(key, socket.Descriptor, inTime: received <= 0);
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
                Remove(first.Key, socket.Descriptor, inTime: false);
            }
        }
    }

    public void Dispose()
    {
        foreach (var (descriptor, _) in _sockets.Values)
        {
            calls.Close(descriptor);
        }

        _sockets.Clear();
    }

    private void Remove(ulong key, int descriptor, bool inTime)
    {
        _sockets.Remove(key);
        calls.Close(descriptor); // With bytes unread it is a reset.
        ended(inTime);
    }
}
