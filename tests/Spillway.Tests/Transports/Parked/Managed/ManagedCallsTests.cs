using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Managed;

namespace Spillway.Tests.Transports.Parked.Managed;

public sealed class ManagedCallsTests
{
    private const int Patience = 30_000; // Milliseconds of real time: only a test that fails waits so long.

    private readonly ManagedCalls _calls = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_DoesNotFit_TakesALittleMoreThenNothingUntilThereIsRoom()
    {
        using var pair = new CallsPair(_calls, sendBuffer: 4 * 1024, receiveBuffer: 4 * 1024);
        using var set = _calls.CreateSet(4);
        set.Add(pair.Number, 1, SocketEvents.Socket);
        var sent = new byte[4 * 1024 * 1024];
        Random.Shared.NextBytes(sent);

        var taken = _calls.Send(pair.Number, sent);

        Assert.InRange(taken, ManagedSocket.MostKept + 1, sent.Length - 1);
        Assert.Equal((-SocketCalls.Again, -SocketCalls.Again), (_calls.Send(pair.Number, sent.AsSpan(taken)), _calls.Flush(pair.Number)));
        Assert.Equal(sent[..taken], await TransportRig.ReadAsync(pair.Peer, taken));
        var ready = new ReadyEvent[4];
        Assert.Equal(1, set.Wait(ready, Patience));
        Assert.Equal((SocketEvents.Out, 0), (ready[0].Events, _calls.Flush(pair.Number)));
        _calls.Close(pair.Number);
    }

    [Fact]
    public async Task Shutdown_RestIsOnItsWay_EndsBehindIt()
    {
        using var pair = new CallsPair(_calls, sendBuffer: 4 * 1024, receiveBuffer: 4 * 1024);
        var taken = _calls.Send(pair.Number, new byte[4 * 1024 * 1024]);

        _calls.Shutdown(pair.Number, both: false);

        Assert.Equal(taken, (await TransportRig.ReadToEndAsync(pair.Peer)).Length);
        _calls.Close(pair.Number);
    }

    [Fact]
    public async Task Close_RestIsOnItsWay_IsNoEndThatLooksProper()
    {
        using var pair = new CallsPair(_calls, sendBuffer: 4 * 1024, receiveBuffer: 4 * 1024);
        _calls.Send(pair.Number, new byte[4 * 1024 * 1024]);
        _calls.Shutdown(pair.Number, both: false);

        _calls.Close(pair.Number);

        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(pair.Peer));
        Assert.Equal(0, _calls.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Close_Watched_IsAProperEndOrAReset(bool reset)
    {
        using var pair = new CallsPair(_calls);
        using var set = _calls.CreateSet(4);
        set.Add(pair.Number, 1, SocketEvents.Socket); // A receive is under way, which .NET would reset the connection for.
        _calls.Send(pair.Number, "last"u8);

        if (reset)
        {
            _calls.Reset(pair.Number);
            await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(pair.Peer));
        }
        else
        {
            _calls.Close(pair.Number);
            Assert.Equal("last"u8.ToArray(), await TransportRig.ReadToEndAsync(pair.Peer));
        }

        Assert.Equal((0, 0), (_calls.Count, set.Wait(new ReadyEvent[4], 0)));
    }

    /// <summary>The kernel tells it once: to the receive, or to the one of no bytes that begins when it is there already.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Receive_PeerHasReset_SaysSo(bool before)
    {
        using var pair = new CallsPair(_calls);
        using var set = _calls.CreateSet(4);
        if (before)
        {
            pair.Peer.Close(0);
        }

        set.Add(pair.Number, 1, SocketEvents.Socket);
        pair.Peer.Close(0);

        var ready = new ReadyEvent[4];
        Assert.Equal(1, set.Wait(ready, Patience));
        Assert.True(ready[0].Events.HasFlag(SocketEvents.In));
        Assert.Equal(-(int)SocketError.ConnectionReset, _calls.Receive(pair.Number, new byte[8]));
        Assert.True(_calls.IsOfPeer((int)SocketError.ConnectionReset));
        Assert.Equal(new SocketException((int)SocketError.ConnectionReset).Message, _calls.Describe((int)SocketError.ConnectionReset));
        _calls.Close(pair.Number);
    }

    [Fact]
    public async Task Send_Pieces_ArriveInOrder()
    {
        using var pair = new CallsPair(_calls);
        var first = new Piece("one "u8.ToArray(), null);
        var last = new Piece("two "u8.ToArray(), first).Then("three"u8.ToArray());

        var sent = _calls.Send(pair.Number, new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));

        Assert.Equal(13, sent);
        Assert.Equal("one two three"u8.ToArray(), await TransportRig.ReadAsync(pair.Peer, 13));
        _calls.Close(pair.Number);
    }

    [Fact]
    public async Task Accept_ListenerIsForgotten_WhoWasAcceptedAndNotTakenIsReset()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Blocking = false;
        listener.Listen();
        using var set = _calls.CreateSet(4);
        var listening = _calls.Track(listener);
        set.Add(listening, 1, SocketEvents.In);
        var ready = new ReadyEvent[4];
        Assert.Equal(1, set.Wait(ready, Patience)); // There may be somebody.
        Assert.Equal(-SocketCalls.Again, _calls.Accept(listening, out _));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(listener.LocalEndPoint!, Token);
        Assert.Equal((1, 1UL), (set.Wait(ready, Patience), ready[0].Data));

        _calls.Forget(listening);
        _calls.Forget(listening);

        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(client));
        Assert.Equal((0, -(int)SocketError.NotSocket), (_calls.Count, _calls.Accept(listening, out _)));
    }

    [Fact]
    public void Calls_NoSuchNumber_SaySo()
    {
        const int Expected = -(int)SocketError.NotSocket;

        Assert.Equal((Expected, Expected, Expected), (_calls.Receive(5, new byte[1]), _calls.Send(5, "x"u8), _calls.Flush(5)));
        Assert.Null(_calls.NameOf(5));
        _calls.Shutdown(5, both: true);
        _calls.Close(5);
        _calls.Reset(5);
        _calls.Forget(5);
        Assert.Equal(0, _calls.Count);
    }

    [Theory]
    [InlineData(SocketError.WouldBlock, -SocketCalls.Again)]
    [InlineData(SocketError.ConnectionReset, -(int)SocketError.ConnectionReset)]
    [InlineData(SocketError.SocketError, -(int)SocketError.Fault)] // Below zero itself: it would be a count of bytes.
    public void Failed_Reason_IsBelowZero(SocketError error, int expected) => Assert.Equal(expected, ManagedCalls.Failed(error));

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                (before.Next, RunningIndex) = (this, before.RunningIndex + before.Memory.Length);
            }
        }

        public Piece Then(byte[] bytes) => new(bytes, this);
    }
}
