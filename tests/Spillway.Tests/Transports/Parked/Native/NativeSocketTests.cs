using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked.Native;

public sealed class NativeSocketTests : IDisposable
{
    private readonly SocketPair _pair = new(sendBuffer: 8 * 1024);

    public void Dispose() => _pair.Dispose();

    [Fact]
    public void Receive_NothingIsThere_SaysAgain() => Assert.Equal(-Errno.Again, NativeSocket.Receive(_pair.Descriptor, new byte[8]));

    [Fact]
    public void Receive_PeerEnded_ReturnsNought()
    {
        _pair.Peer.Shutdown(SocketShutdown.Send);
        _pair.WaitForPeer();

        Assert.Equal(0, NativeSocket.Receive(_pair.Descriptor, new byte[8]));
    }

    [Fact]
    public void Receive_PeerReset_SaysSo()
    {
        _pair.Peer.Close(0);
        _pair.WaitForPeer();

        Assert.Equal(-Errno.ConnectionReset, NativeSocket.Receive(_pair.Descriptor, new byte[8]));
        Assert.Equal(-Errno.BrokenPipe, NativeSocket.Send(_pair.Descriptor, "x"u8));
    }

    [Fact]
    public void Send_KernelIsFull_SaysAgain()
    {
        var bytes = new byte[64 * 1024];
        int sent;

        while ((sent = NativeSocket.Send(_pair.Descriptor, bytes)) > 0)
        {
        }

        Assert.Equal(-Errno.Again, sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(NativeSocket.MostVectors)]
    [InlineData(NativeSocket.MostVectors + 3)]
    public void Send_InPieces_SendsAsManyAsFitInOneCall(int pieces)
    {
        var sequence = Sequence(pieces);
        var expected = Math.Min(pieces, NativeSocket.MostVectors) * 3;

        var sent = NativeSocket.Send(_pair.Descriptor, sequence);

        var received = new byte[expected];
        Assert.Equal(expected, sent);
        Assert.Equal(expected, _pair.Peer.Receive(received));
        Assert.Equal(sequence.Slice(0, expected).ToArray(), received);
    }

    [Fact]
    public void Accept_NobodyIsThere_SaysAgain()
    {
        using var listener = Listen();

        Assert.Equal(-Errno.Again, NativeSocket.Accept((int)listener.SafeHandle.DangerousGetHandle(), new byte[NativeSocket.AddressBytes], out _));
    }

    [Fact]
    public void Accept_SomebodyIsThere_TellsBothAddresses()
    {
        using var listener = Listen();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);
        var address = new byte[NativeSocket.AddressBytes];

        var descriptor = NativeSocket.Accept((int)listener.SafeHandle.DangerousGetHandle(), address, out var length);

        Assert.True(descriptor >= 0);
        Assert.Equal(peer.LocalEndPoint, InternetAddress.Read(address.AsSpan(0, length)));
        length = NativeSocket.GetName(descriptor, address);
        Assert.Equal(listener.LocalEndPoint, InternetAddress.Read(address.AsSpan(0, length)));
        NativeSocket.Close(descriptor);
    }

    [Fact]
    public void Reset_Connected_PeerIsReset()
    {
        using var listener = Listen();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint!);
        var descriptor = NativeSocket.Accept((int)listener.SafeHandle.DangerousGetHandle(), new byte[NativeSocket.AddressBytes], out _);

        NativeSocket.Reset(descriptor);

        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => peer.Receive(new byte[1])).SocketErrorCode);
    }

    [Fact]
    public void SetOption_Known_IsReadBack()
    {
        const int Tcp = 6, UserTimeout = 18;

        var set = NativeSocket.SetOption(_pair.Descriptor, Tcp, UserTimeout, 12_345);

        Assert.Equal((0, 0), (set, NativeSocket.GetOption(_pair.Descriptor, Tcp, UserTimeout, out var value)));
        Assert.Equal(12_345, value);
    }

    [Fact]
    public void SetOption_Unknown_SaysSo() => Assert.Equal(-Errno.NoProtocolOption, NativeSocket.SetOption(_pair.Descriptor, 6, 9_999, 1));

    private static Socket Listen()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }

    private static ReadOnlySequence<byte> Sequence(int pieces)
    {
        var first = new Piece([0, 0, 0], null);
        var last = first;
        for (var i = 1; i < pieces; i++)
        {
            last = new Piece([(byte)i, (byte)i, (byte)i], last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, 3);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
