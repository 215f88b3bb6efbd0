using Spillway.Delivery;
using Spillway.Transports.Hosted;

namespace Spillway.Transports.Parked;

/// <summary>
/// The sockets of one loop: what its thread sleeps on, writes to, and reads from. A socket is watched with its connection's number and generation, registered once for life, by edges; whatever it says,
/// the loop hears of it as a command.
/// </summary>
/// <remarks>The loop's thread only, but for <see cref="Wake"/>, <see cref="ReadOn"/> and <see cref="Count"/>. Connections that are not parked go to the hosted sink.</remarks>
internal sealed partial class ParkedSockets : IConnectionSink, ILoopWaiter
{
    private const int EventsAtOnce = 256;

    private readonly ParkedTransport _transport;
    private readonly SocketCalls _calls;
    private readonly SocketSet _set;
    private readonly ReadyEvent[] _ready = new ReadyEvent[EventsAtOnce];
    private readonly ChunkedArray<ParkedSocket> _sockets;
    private readonly LingeringSockets _streams; // That have ended, and whose clients have not.
    private readonly LingeringSockets _webSockets;
    private readonly int _mostLingering;
    private HostedSink? _hosted;
    private DeliveryLoop? _loop;
    private bool _disposed;

    /// <param name="transport">Whose.</param>
    /// <param name="loops">How many loops share its limits.</param>
    public ParkedSockets(ParkedTransport transport, int loops)
    {
        (_transport, _calls) = (transport, transport.Calls);
        _set = _calls.CreateSet(EventsAtOnce);
        _sockets = new ChunkedArray<ParkedSocket>(transport.Options.Limits.Connections + 1L);
        _mostLingering = Math.Max(1, transport.Options.Transports.LingeringConnections / Math.Max(1, loops));
        var mostBytes = transport.Options.Transports.UnreadBytes; // As many as a client may have sent before it hears of the end.
        _streams = new LingeringSockets(_calls, transport.Options.Transports.CloseTimeout, mostBytes, transport.Time, how => transport.Closed(how, isWebSocket: false));
        _webSockets = new LingeringSockets(_calls, transport.Options.WebSocket.CloseTimeout, mostBytes, transport.Time, how => transport.Closed(how, isWebSocket: true));
        _frames = NewFrames();
    }

    /// <summary>Connections parked here.</summary>
    public int Count { get; private set; }

    /// <summary>Connections that have ended, and whose clients have not.</summary>
    public int Unclosed => _streams.Count + _webSockets.Count;

    public SocketCalls Calls => _calls;

    private DeliveryLoop Loop => _loop!;

    /// <summary>Whose they are. Before its thread starts.</summary>
    public void Attach(DeliveryLoop loop, HostedSink hosted) => (_loop, _hosted) = (loop, hosted);

    /// <summary>Whether a connection is parked here.</summary>
    public bool Has(int number, int generation) => TryFind(KeyOf(number, generation), out _);

    /// <summary>A connection has been given its number. What it was sent, and what it says, is the loop's from here on.</summary>
    public void Adopt(int number, int generation, SocketAdopter adopter)
    {
        _sockets.Ensure(number);
        ref var socket = ref _sockets[number];
        socket = new ParkedSocket
        {
            Id = adopter.Id,
            Opened = adopter.Opened,
            Descriptor = adopter.Descriptor,
            Generation = generation,
            Format = adopter.Format,
            Flags = ParkedFlags.Parked | (adopter.WebSocket is null ? ParkedFlags.None : ParkedFlags.WebSocket),
        };
        Count++;
        if (adopter.WebSocket?.Receipts is { } receipts)
        {
            Begin(number, ref socket, receipts);
        }

        if (adopter.Early.Length > 0)
        {
            _early.Enqueue((KeyOf(number, generation), adopter.Early)); // Not below the loop's own hands: it is in the midst of adopting.
        }

        var result = _set.Add(socket.Descriptor, KeyOf(number, generation), SocketEvents.Socket); // What has come already is told by the next wait.
        if (result < 0)
        {
            _transport.NotWatched(-result);
            socket.Flags |= ParkedFlags.Paused;
            Loop.Post(LoopCommand.Failed(number, generation));
        }
    }

    public int Send(int connection, ReadOnlySpan<byte> bytes, out bool ready)
    {
        if (!_sockets.Has(connection) || (_sockets[connection].Flags & ParkedFlags.Parked) == 0)
        {
            return _hosted!.Send(connection, bytes, out ready);
        }

        ref var socket = ref _sockets[connection];
        var sent = _calls.Send(socket.Descriptor, bytes);
        ready = sent == bytes.Length;
        if (!ready)
        {
            if (sent == -SocketCalls.Again)
            {
                sent = 0;
            }

            if (sent < 0)
            {
                socket.Flags |= ParkedFlags.PeerGone;
                return -1;
            }

            socket.Flags |= ParkedFlags.Full; // The kernel took less than there was: it tells when there is room.
        }

        socket.Bytes += sent;
        return sent;
    }

    public void Close(int connection, CloseReason reason, long offset)
    {
        if (!_sockets.Has(connection) || (_sockets[connection].Flags & ParkedFlags.Parked) == 0)
        {
            _hosted!.Close(connection, reason, offset);
            return;
        }

        ref var socket = ref _sockets[connection];
        var (descriptor, flags) = (socket.Descriptor, socket.Flags);
        var ended = new EndedConnection(socket.Id, reason, socket.Bytes, socket.Opened, offset, socket.Format);
        var key = KeyOf(connection, socket.Generation);
        socket.Flags = ParkedFlags.None;
        _dialogues.Remove(connection);
        Count--;
        if (reason.IsCut())
        {
            _calls.Reset(descriptor); // An end that looks proper would hide that bytes are missing.
        }
        else if ((flags & ParkedFlags.PeerGone) != 0)
        {
            _calls.Close(descriptor);
        }
        else
        {
            ((flags & ParkedFlags.WebSocket) != 0 ? _webSockets : _streams).Add(key, descriptor);
            _unread.Add(key);
            BoundLingering();
        }

        _transport.Ended(ended);
    }

    public void Wait(TimeSpan atMost)
    {
        var longest = Math.Min(atMost.TotalMilliseconds, Math.Min(_streams.NextDue.TotalMilliseconds, _webSockets.NextDue.TotalMilliseconds));
        Take(_set.Wait(_ready, HasUnread ? 0 : (int)Math.Clamp(Math.Ceiling(longest), 0, int.MaxValue)));
    }

    public void Poll() => Take(_set.Wait(_ready, 0));

    public void Wake() => _set.Wake();

    public void Dispose()
    {
        if (_disposed)
        {
            return; // A loop knows it as its waiter and as its sink.
        }

        _disposed = true;
        _streams.Dispose();
        _webSockets.Dispose();
        _set.Dispose();
        _sockets.Dispose();
    }

    private static ulong KeyOf(int number, int generation) => ((ulong)(uint)generation << 32) | (uint)number;

    private void Take(int count)
    {
        TakeEarly(); // Before what their sockets say: it came before.
        foreach (ref readonly var item in _ready.AsSpan(0, count))
        {
            try
            {
                Take(item);
            }
#pragma warning disable CA1031 // A fault with one socket must not end the loop's thread, and with it the process.
            catch (Exception fault)
#pragma warning restore CA1031
            {
                Fail(item.Data, fault);
            }
        }

        ReadLeft();
        EndLate();
        _streams.CloseLate();
        _webSockets.CloseLate();
    }

    private void Take(in ReadyEvent item)
    {
        if (!TryFind(item.Data, out var number))
        {
            ReadEnded(item.Data); // Or it is of a socket that was closed since the kernel said so.
            return;
        }

        ref var socket = ref _sockets[number];
        if ((item.Events & SocketEvents.Out) != 0 && (socket.Flags & ParkedFlags.Full) != 0)
        {
            socket.Flags &= ~ParkedFlags.Full;
            Loop.Post(LoopCommand.Ready(number, socket.Generation));
        }

        if ((item.Events & (SocketEvents.In | SocketEvents.Ending)) != 0)
        {
            Read(number, ref socket);
        }
    }

    private void ReadEnded(ulong key)
    {
        if (_streams.Read(key, _scratch) || _webSockets.Read(key, _scratch))
        {
            _unread.Add(key);
        }
    }

    /// <summary>Those that wait for their clients' ends have descriptors, and are not among <see cref="LimitOptions.Connections"/>.</summary>
    private void BoundLingering()
    {
        if (Unclosed > _mostLingering)
        {
            (_streams.Oldest < _webSockets.Oldest ? _streams : _webSockets).CloseOldest();
        }
    }

    /// <summary>Something of ours broke on what a client sent: its connection ends.</summary>
    private void Fail(ulong key, Exception fault)
    {
        _transport.ReadingFailed(fault);
        if (TryFind(key, out var number))
        {
            _sockets[number].Flags |= ParkedFlags.Paused;
            _ = Live(number, _sockets[number].Generation).EndAsync(null, CloseReason.Failed);
        }
    }

    /// <summary>The number of a parked connection's key; false if that connection is no more.</summary>
    private bool TryFind(ulong key, out int number)
    {
        number = (int)(uint)key;
        return _sockets.Has(number) && (_sockets[number].Flags & ParkedFlags.Parked) != 0 && KeyOf(number, _sockets[number].Generation) == key;
    }

    private void Gone(int number, ref ParkedSocket socket)
    {
        socket.Flags |= ParkedFlags.PeerGone | ParkedFlags.Paused;
        Loop.Post(LoopCommand.Gone(number, socket.Generation));
    }
}
