using Spillway.Transports.Parked.Native;

namespace Spillway.Transports.Parked;

/// <summary>
/// Sockets whose last bytes are in the kernel, until their clients have closed, too: who closes a socket with bytes unread resets it, and the client may lose the last bytes it was sent. For a time.
/// </summary>
/// <param name="patience">How long a client may take.</param>
/// <param name="time">The clock.</param>
/// <param name="ended">Told of each: whether its client was in time.</param>
internal sealed class LingeringSockets(TimeSpan patience, TimeProvider time, Action<bool> ended) : IDisposable
{
    private readonly Dictionary<ulong, int> _sockets = []; // As many as there are descriptors, at most.
    private readonly Queue<(ulong Key, long Began)> _due = new(); // In the order of their ends: all have the same time.

    /// <summary>May be read by any thread.</summary>
    public int Count => _sockets.Count;

    /// <summary>How long nobody is late.</summary>
    public TimeSpan NextDue => _due.TryPeek(out var first) ? patience - time.GetElapsedTime(first.Began) : TimeSpan.MaxValue;

    /// <summary>Ends our half, and waits for the client's.</summary>
    public void Add(ulong key, int descriptor)
    {
        NativeSocket.Shutdown(descriptor, both: false);
        _due.Enqueue((key, time.GetTimestamp()));
        _sockets.Add(key, descriptor);
        Span<byte> scratch = stackalloc byte[512];
        Read(key, scratch); // What has come already was announced already.
    }

    /// <summary>Reads and forgets what the client sent. False if no such socket is waited for.</summary>
    public bool Read(ulong key, Span<byte> scratch)
    {
        if (!_sockets.TryGetValue(key, out var descriptor))
        {
            return false;
        }

        for (var reads = 0; reads < 64; reads++) // One that sends on and on is ended by its time: what it sends then is not read.
        {
            var received = NativeSocket.Receive(descriptor, scratch);
            if (received == -Errno.Again)
            {
                return true;
            }

            if (received <= 0)
            {
                Remove(key, descriptor, inTime: true);
                return true;
            }
        }

        return true;
    }

    /// <summary>Closes those whose time is over.</summary>
    public void CloseLate()
    {
        while (_due.TryPeek(out var first) && time.GetElapsedTime(first.Began) >= patience)
        {
            _due.Dequeue();
            if (_sockets.TryGetValue(first.Key, out var descriptor))
            {
                Remove(first.Key, descriptor, inTime: false);
            }
        }
    }

    public void Dispose()
    {
        foreach (var descriptor in _sockets.Values)
        {
            NativeSocket.Close(descriptor);
        }

        _sockets.Clear();
    }

    private void Remove(ulong key, int descriptor, bool inTime)
    {
        _sockets.Remove(key);
        NativeSocket.Close(descriptor);
        ended(inTime);
    }
}
