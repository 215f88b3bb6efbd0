using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Spillway.Transports.Parked.Managed;

/// <summary>The sockets that one thread watches, by what .NET's completions tell of them.</summary>
internal sealed class ManagedSet(SocketTable table) : SocketSet
{
    private const int Awake = 0, Sleeping = 1, Woken = 2;

    private readonly ConcurrentQueue<WatchedSocket> _told = new(); // Bounded by the sockets: each is in it once, or twice if it has come back.
    private readonly object _gate = new(); // For its thread to sleep on.
    private int _state;

    public override int Add(int socket, ulong data, SocketEvents events) => table.Find(socket)?.Watch(this, data) ?? ManagedCalls.Failed(SocketError.NotSocket);

    public override int Remove(int socket) => table.Find(socket)?.Unwatch(this) ?? false ? 0 : ManagedCalls.Failed(SocketError.NotSocket);

    /// <summary>Any thread: something has happened to a socket.</summary>
    public void Enqueue(WatchedSocket socket)
    {
        _told.Enqueue(socket);
        Wake();
    }

    public override int Wait(Span<ReadyEvent> ready, int milliseconds)
    {
        if (_told.IsEmpty && milliseconds != 0)
        {
            lock (_gate)
            {
                if (Interlocked.CompareExchange(ref _state, Sleeping, Awake) == Awake && _told.IsEmpty)
                {
                    Monitor.Wait(_gate, milliseconds); // A waker that has seen "sleeping" gets the lock here, not before.
                }
            }
        }

        Interlocked.Exchange(ref _state, Awake); // A full fence: what wakers queued before is visible to the caller.
        var count = 0;
        while (count < ready.Length && _told.TryDequeue(out var socket))
        {
            if (socket.TryTake(this, out ready[count]))
            {
                count++;
            }
        }

        return count;
    }

    /// <summary>A lock only if the thread sleeps.</summary>
    public override void Wake()
    {
        if (Interlocked.Exchange(ref _state, Woken) == Sleeping)
        {
            lock (_gate)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    public override bool TryProbe(out int socket)
    {
        try
        {
            socket = table.Add(new ManagedSocket(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
            return true;
        }
        catch (SocketException)
        {
            socket = -1;
            return false;
        }
    }

    public override void Dispose()
    {
        // It holds nothing of the system's.
    }
}
