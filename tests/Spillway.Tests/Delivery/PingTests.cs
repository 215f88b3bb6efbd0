using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Connections whose subscribers answer pings: who does not is gone, unless it is slow.</summary>
public sealed class PingTests
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(15);

    [Fact]
    public void Ping_Answered_ComesOnceASpan()
    {
        using var rig = new LoopRig();
        var connection = rig.SubscribeByWebSocket("a");
        rig.Settle();

        for (var i = 0; i < 10; i++)
        {
            rig.Advance(TimeSpan.FromSeconds(1), times: 15);
            connection.Owner!.Heard();
        }

        Assert.Null(connection.Reason);
        Assert.Equal(10, connection.Bytes.Length / 2); // The first comes after half a span to a whole one.
        Assert.All(connection.Bytes.Chunk(2), static frame => Assert.Equal([0x89, 0], frame));
    }

    [Fact]
    public void Ping_OthersAreWrittenToo_ComesAllTheSame()
    {
        using var rig = new LoopRig();
        var connection = rig.SubscribeByWebSocket("a");
        rig.Settle();

        for (var i = 0; i < 15; i++)
        {
            rig.Publish("a", $"{i}");
            rig.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Contains("\u0089\0", System.Text.Encoding.Latin1.GetString(connection.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void Ping_TheLastWasNotAnswered_Closes()
    {
        using var rig = new LoopRig();
        var (silent, answering) = (rig.SubscribeByWebSocket("a"), rig.SubscribeByWebSocket("a"));
        rig.Settle();

        rig.Advance(Span);
        answering.Owner!.Heard();
        Assert.Null(silent.Reason);
        rig.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal((CloseReason.PongTimeout, null), (silent.Reason, answering.Reason));
        Assert.Equal(1, rig.Loop.Counters.Closed[(int)CloseReason.PongTimeout]);
    }

    [Fact]
    public void Ping_SlowConnectionHasNotAnswered_IsSparedUntilItHasCaughtUp()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Delivery.WindowBytes = 64 * 1024;
        options.Delivery.ReplayReaders = 0; // It waits for a page as long as the test wants.
        using var rig = new LoopRig(options);
        var connection = rig.SubscribeByWebSocket("a");
        rig.Turn();
        rig.Advance(Span);
        connection.Stalled = true;
        rig.Publish("a", "1");
        rig.Turn();
        rig.Flood("a");
        rig.Release(connection);

        rig.Advance(Span, times: 3);
        Assert.Null(connection.Reason);
        while (rig.Turn())
        {
        }

        rig.Advance(Span, times: 2);
        Assert.Equal(CloseReason.PongTimeout, connection.Reason);
    }

    [Fact]
    public void Heard_TheConnectionIsGone_LeavesItsSuccessorAlone()
    {
        using var rig = new LoopRig();
        var gone = rig.SubscribeByWebSocket("a");
        rig.Settle();
        gone.Drop();
        rig.Settle();
        var next = rig.SubscribeByWebSocket("a");
        rig.Settle();
        Assert.Equal(gone.Number, next.Number);

        rig.Advance(Span);
        gone.Owner!.Heard();
        rig.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(CloseReason.PongTimeout, next.Reason);
    }
}
