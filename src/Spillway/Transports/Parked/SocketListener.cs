using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Spillway.Transports.Parked;

/// <summary>Accepts at one address, and hands the connections to Kestrel.</summary>
internal sealed class SocketListener : IConnectionListener, IReady
{
    private const int AtOnce = 64; // Accepted in a row; then others have their turn.
    private const long NotWatched = -1;

    private readonly Socket _socket;
    private readonly int _descriptor;
    private readonly IPEndPoint? _sharedAddress;
    private readonly SocketHost _host;
    private readonly Channel<SocketConnection> _accepted;
    private readonly TaskCompletionSource _unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _place = NotWatched;
    private int _queued;
    private volatile bool _waitsForKestrel;
    private bool _closed;

    public SocketListener(Socket socket, SocketHost host)
    {
        (_socket, _host) = (socket, host);
        _accepted = Channel.CreateBounded<SocketConnection>(new BoundedChannelOptions(host.MostQueued) { SingleReader = true, SingleWriter = true });
        _descriptor = host.Calls.Track(socket); // Ours until Close.
        var address = (IPEndPoint)socket.LocalEndPoint!;
        EndPoint = address;
        _sharedAddress = address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any) ? null : address;
    }

    public EndPoint EndPoint { get; }

    /// <summary>Begins. On the I/O thread, like everything but Kestrel's calls.</summary>
    public void Listen()
    {
        if (!_closed)
        {
            _host.Gate.Add(this);
            Resume();
        }
    }

    public void Resume()
    {
        if (_closed || _place != NotWatched || !_host.Gate.IsOpen || _waitsForKestrel)
        {
            return;
        }

        var place = _host.Io.Watch(this, _descriptor, SocketEvents.In); // Not by edges: what is left when its turn ends is told again.
        if (place >= 0)
        {
            _place = place;
        }
        else
        {
            _host.Gate.Failed((int)-place);
        }
    }

    public void Pause()
    {
        if (_place != NotWatched)
        {
            _host.Io.Unwatch(_place, _descriptor);
            _place = NotWatched;
        }
    }

    public void OnReady(SocketEvents events)
    {
        for (var i = 0; i < AtOnce && _place != NotWatched; i++)
        {
            if (Volatile.Read(ref _queued) >= _host.MostQueued)
            {
                WaitForKestrel();
                return;
            }

            var result = _host.Calls.Accept(_descriptor, out var peer);
            if (result >= 0)
            {
                Take(result, peer);
            }
            else if (result == -SocketCalls.Again)
            {
                return;
            }
            else if (!_host.Calls.IsOfPeer(-result))
            {
                _host.Gate.Failed(-result);
                return;
            }
        }
    }

    public void OnStop() => Close();

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        SocketConnection? connection;
        while (!_accepted.Reader.TryRead(out connection))
        {
            if (!await _accepted.Reader.WaitToReadAsync(cancellationToken))
            {
                return null; // Unbound.
            }
        }

        if (Interlocked.Decrement(ref _queued) == _host.MostQueued / 2 && _waitsForKestrel)
        {
            _host.Io.Schedule(static state => ((SocketListener)state!).KestrelHasTaken(), this);
        }

        return connection;
    }

    /// <summary>Stops listening. What was accepted goes on, and Kestrel still gets what it has not taken.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _host.Io.Schedule(static state => ((SocketListener)state!).Close(), this);
        await Task.WhenAny(_unbound.Task, _host.Io.Ended); // At once, so whatever the token says: a server that is disposed of has cancelled it before.
        Release(); // Where the thread has ended before.
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync(CancellationToken.None);
        while (_accepted.Reader.TryRead(out var connection))
        {
            connection.Abort(new ConnectionAbortedException("The server has stopped."));
        }
    }

    private void Take(int descriptor, IPEndPoint? peer)
    {
        var connection = new SocketConnection(_host, descriptor, _sharedAddress ?? _host.Calls.NameOf(descriptor), peer);
        if (!connection.Begin(out var error))
        {
            _host.Gate.Failed(error);
            return;
        }

        _host.Metrics.Accepted();
        Interlocked.Increment(ref _queued);
        _accepted.Writer.TryWrite(connection); // There is room: only this thread writes.
        _host.Gate.Check(descriptor);
    }

    private void WaitForKestrel()
    {
        _waitsForKestrel = true;
        _host.Metrics.Queued();
        Pause();
        if (Volatile.Read(ref _queued) <= _host.MostQueued / 2)
        {
            KestrelHasTaken(); // Meanwhile, without having seen that we wait.
        }
    }

    private void KestrelHasTaken()
    {
        _waitsForKestrel = false;
        Resume();
    }

    private void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        Pause();
        _host.Gate.Remove(this);
        Release();
        _accepted.Writer.TryComplete();
        _unbound.TrySetResult();
    }

    private void Release()
    {
        _host.Calls.Forget(_descriptor);
        _socket.Dispose();
    }
}
