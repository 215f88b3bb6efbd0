using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.WebSocket;

public sealed class ReceiptGateTests
{
    private readonly ManualTimeProvider _clock = new();
    private long _offset;

    [Fact]
    public void Check_FirstOne_MayComeAtOnceAndTheNextAfterTheInterval()
    {
        var gate = Gate();
        Assert.Null(Next(gate));
        Assert.Equal(ReceiptOutcome.TooEarly, Next(gate));
        _clock.Advance(TimeSpan.FromMilliseconds(700));
        Assert.Equal(ReceiptOutcome.TooEarly, Next(gate));
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Null(Next(gate));
    }

    [Fact]
    public void Check_OnesThatTheNetworkBringsEarlyAndLate_AllCount()
    {
        var gate = Gate();
        foreach (var gap in (int[])[0, 1_200, 800, 1_200, 800, 1_100, 900])
        {
            _clock.Advance(TimeSpan.FromMilliseconds(gap));
            Assert.Null(Next(gate));
        }
    }

    [Fact]
    public void Check_SentALittleTooFast_AreNotMoreThanOneAnInterval()
    {
        var gate = Gate();
        var taken = 0;
        for (var i = 0; i < 100; i++)
        {
            taken += Next(gate) is null ? 1 : 0;
            _clock.Advance(TimeSpan.FromMilliseconds(800));
        }

        Assert.InRange(taken, 50, 81); // In 80 s.
    }

    [Fact]
    public void Check_EventOrOneBehindItHadItsReceipt_IsRepeated()
    {
        var gate = Gate();
        gate.Found(new Position(1, 7), 3);
        Assert.Equal(ReceiptOutcome.Repeated, gate.Check(new Position(1, 7), 3));
        Assert.Equal(ReceiptOutcome.Repeated, gate.Check(new Position(1, 7), 0));
        Assert.Equal(ReceiptOutcome.Repeated, gate.Check(new Position(1, 6), 9));
        Assert.Null(gate.Check(new Position(1, 7), 4));
    }

    private ReceiptGate Gate() => new(TimeSpan.FromSeconds(1), _clock);

    private ReceiptOutcome? Next(ReceiptGate gate) => gate.Check(new Position(1, ++_offset), 0);
}
