using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Managed;

namespace Spillway.Tests.Transports.Parked.Managed;

public sealed class ManagedSetTests : IDisposable
{
    private const int Patience = 30_000; // Milliseconds of real time: only a test that fails waits so long.

    private readonly ManagedCalls _calls = new();
    private readonly ReadyEvent[] _ready = new ReadyEvent[8];
    private readonly SocketSet _set;
    private readonly CallsPair _pair;

    public ManagedSetTests() => (_set, _pair) = (_calls.CreateSet(8), new CallsPair(_calls));

    public void Dispose()
    {
        _set.Dispose();
        _pair.Dispose();
    }

    [Fact]
    public void Add_ReadyAlready_IsTold()
    {
        _pair.Peer.Send("x"u8);
        Assert.True(SpinWait.SpinUntil(() => _calls.Receive(_pair.Number, []) == 0, Patience));

        var result = _set.Add(_pair.Number, 7, SocketEvents.Socket);

        Assert.Equal((0, 1), (result, _set.Wait(_ready, Patience)));
        Assert.Equal(new ReadyEvent(SocketEvents.In, 7), _ready[0]);
    }

    [Fact]
    public void Wait_MoreAreReadyThanFit_BringsTheRestNextTime()
    {
        using var second = new CallsPair(_calls);
        using var third = new CallsPair(_calls);
        CallsPair[] all = [_pair, second, third];
        for (var i = 0; i < all.Length; i++)
        {
            _set.Add(all[i].Number, (ulong)i, SocketEvents.Socket);
            all[i].Peer.Send("x"u8);
        }

        var found = new List<ulong>();
        while (found.Count < all.Length)
        {
            var count = _set.Wait(_ready.AsSpan(0, 2), Patience);
            Assert.InRange(count, 1, 2);
            found.AddRange(_ready[..count].Select(static ready => ready.Data));
        }

        Assert.Equal((ulong[])[0, 1, 2], found.Order());
    }

    [Fact]
    public void Remove_ToldAndNotBrought_IsKeptForTheNextSet()
    {
        using var other = _calls.CreateSet(8);
        _set.Add(_pair.Number, 1, SocketEvents.Socket);
        _pair.Peer.Send("x"u8);
        Assert.True(SpinWait.SpinUntil(() => _calls.Receive(_pair.Number, []) == 0, Patience));

        Assert.Equal((0, 0), (_set.Remove(_pair.Number), _set.Wait(_ready, 0)));

        other.Add(_pair.Number, 2, SocketEvents.Socket);
        Assert.Equal((1, 2UL), (other.Wait(_ready, Patience), _ready[0].Data));
    }

    [Fact]
    public void Add_TwiceOrNoSocket_SaysSo()
    {
        _set.Add(_pair.Number, 1, SocketEvents.Socket);

        Assert.True(_set.Add(_pair.Number, 2, SocketEvents.Socket) < 0);
        Assert.True(_set.Add(int.MaxValue, 2, SocketEvents.Socket) < 0);
        Assert.True(_set.Remove(int.MaxValue) < 0);
    }

    [Fact]
    public void Close_ToldAndNotBrought_IsNotTakenForTheNextOfItsNumber()
    {
        for (var round = 0; round < 200; round++)
        {
            using var pair = new CallsPair(_calls);
            _set.Add(pair.Number, 1, SocketEvents.Socket);
            pair.Peer.Send("x"u8);
            if (round % 2 == 0)
            {
                Assert.True(SpinWait.SpinUntil(() => _calls.Receive(pair.Number, []) == 0, Patience)); // It is told; else it is about to be.
            }

            _calls.Close(pair.Number);
            using var next = new CallsPair(_calls);
            _set.Add(next.Number, 2, SocketEvents.Socket);

            Assert.Equal(0, _set.Wait(_ready, 0));
            next.Peer.Send("y"u8);
            Assert.Equal((1, 2UL), (_set.Wait(_ready, Patience), _ready[0].Data));
            _calls.Close(next.Number);
        }
    }

    [Fact]
    public void TryProbe_Socket_HasADescriptorAndIsClosed()
    {
        var before = _calls.Count;

        Assert.True(_set.TryProbe(out var probe));

        Assert.True(_calls.DescriptorOf(probe) > 0);
        _calls.Close(probe);
        Assert.Equal(before, _calls.Count);
    }
}
