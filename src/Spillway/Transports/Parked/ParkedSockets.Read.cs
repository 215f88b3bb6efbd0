using System.Collections.Concurrent;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.Transports.WebSocket;

namespace Spillway.Transports.Parked;

/// <summary>What clients of parked connections send. It is read as it comes, a bounded number of bytes a turn, and not at all while something that it asked for is under way: then TCP holds it back.</summary>
internal sealed partial class ParkedSockets
{
    private const int MostReads = 4; // Of one connection, before the others.

    private readonly byte[] _scratch = new byte[16 * 1024];
    private readonly KeyQueue _unread = new(); // Connections that have more to be read: an edge is announced once.
    private readonly Queue<(ulong Key, byte[] Bytes)> _early = new();
    private readonly ConcurrentQueue<ulong> _resumed = new();
    private readonly Dictionary<int, ParkedDialogue> _dialogues = []; // Clients of WebSockets that are in the midst of something.
    private FrameReader _frames; // Of those that are not.

    /// <summary>Clients of WebSockets of which something is kept.</summary>
    public int DialogueCount => _dialogues.Count;

    private bool HasUnread => _unread.Count > 0 || _early.Count > 0 || !_resumed.IsEmpty;

    /// <summary>Any thread: what a connection's client asked for is done.</summary>
    private void ReadOn(ulong key)
    {
        _resumed.Enqueue(key);
        Loop.Wake();
    }

    private FrameReader NewFrames() => new(_transport.Options.WebSocket.MessageBytes, _transport.Options.WebSocket.MessageFragments);

    /// <summary>The reader of clients of which nothing is kept, with the limits of now; in the midst of a message with those of its beginning.</summary>
    private FrameReader FramesOfOthers() =>
        !_frames.IsBetween || _frames.Has(_transport.Options.WebSocket.MessageBytes, _transport.Options.WebSocket.MessageFragments) ? _frames : _frames = NewFrames();

    private void TakeEarly()
    {
        while (_early.TryDequeue(out var early))
        {
            Try(early.Key, static (self, number, bytes) => self.Take(number, ref self._sockets[number], bytes), early.Bytes);
        }
    }

    private void ReadLeft()
    {
        while (_resumed.TryDequeue(out var key))
        {
            Try(key, static (self, number, _) => self.Resume(number, ref self._sockets[number]), []);
        }

        for (var left = _unread.Count; left > 0; left--)
        {
            var key = _unread.Take();
            if (TryFind(key, out _))
            {
                Try(key, static (self, number, _) => self.Read(number, ref self._sockets[number]), []);
            }
            else
            {
                ReadEnded(key);
            }
        }
    }

    /// <summary>Does something with a connection that is still there.</summary>
    private void Try(ulong key, Action<ParkedSockets, int, byte[]> what, byte[] bytes)
    {
        try
        {
            if (TryFind(key, out var number))
            {
                what(this, number, bytes);
            }
        }
#pragma warning disable CA1031 // As in Take.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(key, fault);
        }
    }

    /// <summary>Reads until nothing is there: a short read proves nothing, for the client's end may have come in the same edge.</summary>
    private void Read(int number, ref ParkedSocket socket)
    {
        for (var reads = 0; (socket.Flags & ParkedFlags.Paused) == 0; reads++)
        {
            if (reads == MostReads)
            {
                _unread.Add(KeyOf(number, socket.Generation));
                return;
            }

            var received = _calls.Receive(socket.Descriptor, _scratch);
            if (received == -SocketCalls.Again)
            {
                return;
            }

            if (received <= 0)
            {
                _transport.PeerEnded(-received);
                Gone(number, ref socket);
                return;
            }

            Take(number, ref socket, _scratch.AsSpan(0, received));
        }
    }

    private void Take(int number, ref ParkedSocket socket, ReadOnlySpan<byte> bytes)
    {
        if ((socket.Flags & ParkedFlags.WebSocket) != 0)
        {
            TakeFrames(number, ref socket, bytes, kept: default);
            return;
        }

        // The connection is closed behind its stream, and a client that has sent further requests sends them again elsewhere (RFC 9112, section 9.3.2).
        socket.Ignored += bytes.Length;
        if (socket.Ignored > _transport.Options.Transports.IgnoredBytes)
        {
            socket.Flags |= ParkedFlags.Paused;
            _transport.Metrics.ClientFault(ClientFault.Talkative);
            _ = Live(number, socket.Generation).EndAsync(null, CloseReason.ProtocolError);
        }
    }

    private LiveSubscription Live(int number, int generation) => new(_transport.Hub.Dispatcher, Loop, new FixedPlace(number, generation));
}
