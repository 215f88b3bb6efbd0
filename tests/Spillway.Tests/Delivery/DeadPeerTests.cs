using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Connections that are asked by a ping whether they are there, on a clock that the tests move.</summary>
public sealed class DeadPeerTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15); // Sse:KeepAlive
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(DeliveryLoop.TickMilliseconds);

    [Fact]
    public void Ping_NoPongUntilTheNext_CutsWithinTwoIntervals()
    {
        using var rig = Rig();
        var connections = Enumerable.Range(0, 40).Select(_ => rig.Subscribe("a")).ToList();
        rig.Settle();

        var pinged = connections.ConvertAll(_ => TimeSpan.Zero);
        var cut = connections.ConvertAll(_ => TimeSpan.Zero);
        for (var now = Tick; now <= 2 * Interval; now += Tick)
        {
            rig.Advance(Tick);
            for (var i = 0; i < connections.Count; i++)
            {
                pinged[i] = pinged[i] == default && connections[i].Bytes.Length > 0 ? now : pinged[i];
                cut[i] = cut[i] == default && connections[i].Reason is not null ? now : cut[i];
            }
        }

        Assert.All(connections, static connection => Assert.Equal(["ping"], Received(connection)));
        Assert.All(connections, static connection => Assert.Equal(CloseReason.PongTimeout, connection.Reason));
        Assert.All(pinged, static time => Assert.InRange(time, Interval / 2, Interval + Tick));
        Assert.Equal(pinged.Select(static time => time + Interval), cut);
        Assert.True(pinged.Distinct().Count() > 5, "All are asked at once.");
        Assert.Equal(40, rig.Loop.Counters.Closed[(int)CloseReason.PongTimeout]);
        Assert.Equal(0, rig.Loop.ConnectionCount);
    }

    [Fact]
    public void Ping_EachAnsweredInTime_GoesOnWhateverElseIsSent()
    {
        using var rig = Rig();
        var (quiet, busy) = (rig.Subscribe("a"), rig.Subscribe("b"));
        rig.Settle();

        var asked = new Dictionary<TestConnection, (int Pings, int Second)> { [quiet] = default, [busy] = default };
        for (var second = 0; second < 151; second++)
        {
            rig.Publish("b", "x");
            rig.Advance(TimeSpan.FromSeconds(1));
            foreach (var (connection, before) in asked)
            {
                if (Pings(connection) is var pings && pings > before.Pings)
                {
                    asked[connection] = (pings, second);
                }
                else if (second - before.Second == 14)
                {
                    connection.Owner!.Heard(); // The last second before it is asked again.
                }
            }
        }

        Assert.Equal((null, null), (quiet.Reason, busy.Reason));
        Assert.InRange(Pings(quiet), 9, 10);
        Assert.InRange(Pings(busy), 9, 10);
        Assert.Equal(151, Received(busy).Count(static one => one.Contains("\"topic\":\"b\"", StringComparison.Ordinal)));
        Assert.All(Received(quiet), static one => Assert.True(one == "ping" || one.StartsWith("{\"signal\":\"cursor\"", StringComparison.Ordinal), one));
    }

    [Fact]
    public void Ping_PeerThatTakesEventsAndAnswersNothing_IsCutAllTheSame()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("a");
        rig.Settle();

        for (var second = 0; second < 31; second++)
        {
            rig.Publish("a", "x");
            rig.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(CloseReason.PongTimeout, connection.Reason);
        Assert.Equal(1, Pings(connection));
    }

    [Fact]
    public void Ping_PongOfAnEarlierConnectionWithTheSameNumber_DoesNotCount()
    {
        using var rig = Rig();
        var first = rig.Subscribe("a");
        rig.Settle();
        first.Drop();
        rig.Settle();
        var second = rig.Subscribe("a");
        rig.Settle();
        Assert.Equal(first.Number, second.Number);

        for (var i = 0; i < 31; i++)
        {
            rig.Advance(TimeSpan.FromSeconds(1));
            first.Owner!.Heard();
        }

        Assert.Equal(CloseReason.PongTimeout, second.Reason);
    }

    [Fact]
    public void Ping_ConnectionThatTakesNoBytes_IsLeftToTheWriteStall()
    {
        using var rig = Rig();
        var connection = SubscribeStalled(rig);
        rig.Settle();

        rig.Advance(TimeSpan.FromSeconds(1), times: 29);
        Assert.Null(connection.Reason);
        rig.Advance(TimeSpan.FromSeconds(1), times: 2);

        Assert.Equal(CloseReason.WriteTimeout, connection.Reason);
    }

    [Fact]
    public void Ping_ConnectionThatTakesBytesAgain_IsAskedAnewAndThenCut()
    {
        using var rig = Rig();
        var connection = SubscribeStalled(rig);
        rig.Advance(TimeSpan.FromSeconds(1), times: 20); // The next ping would have been due.

        rig.Release(connection);
        rig.Advance(Tick, times: 2);
        Assert.Null(connection.Reason);
        Assert.Equal(2, Pings(connection));

        rig.Advance(TimeSpan.FromSeconds(1), times: 14);
        Assert.Null(connection.Reason);
        rig.Advance(TimeSpan.FromSeconds(1), times: 2);
        Assert.Equal(CloseReason.PongTimeout, connection.Reason);
    }

    [Fact]
    public void Ping_SlowConnectionThatWaitsForHistory_IsSparedUntilItHasCaughtUp()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Delivery.WindowBytes = 64 * 1024;
        options.Delivery.ReplayReaders = 0;
        using var rig = Rig(options);
        var connection = rig.Subscribe("a");
        rig.Loop.Turn();
        connection.Room = 10;
        rig.Publish("a", "1");
        rig.Loop.Turn();
        rig.Flood("a");
        rig.Release(connection);
        rig.Loop.Turn(); // What comes next it asks of history, and nobody reads.
        Assert.Equal(1, rig.Replayer.Waiting);

        rig.Advance(TimeSpan.FromSeconds(1), times: 100);
        Assert.Null(connection.Reason);

        for (var i = 0; i < 100 && rig.Turn(); i++)
        {
            // It reads, and goes live.
        }

        rig.Advance(TimeSpan.FromSeconds(1), times: 16);
        Assert.Equal(CloseReason.PongTimeout, connection.Reason);
        Assert.Equal(LoopRig.WindowEvents + 2, Received(connection).Count(static one => one.Contains("\"topic\":\"a\"", StringComparison.Ordinal)));
    }

    [Fact]
    public void Ping_EventsThatWaitForTheirInterval_AreNotBroughtForward()
    {
        using var rig = Rig();
        var connection = rig.Subscribe(Selectors.Of("a"), batch: TimeSpan.FromSeconds(60));
        rig.Settle();
        rig.Publish("a", "1");
        rig.Settle();
        rig.Publish("a", "2");
        rig.Settle();

        AdvanceToPing(rig, connection);

        Assert.DoesNotContain(Received(connection), static one => one.Contains("\"payload\":\"2\"", StringComparison.Ordinal));
    }

    private static LoopRig Rig(SpillwayOptions? options = null) => new(options) { Format = WireFormat.WebSocketJson };

    /// <summary>A subscriber that was sent a ping and takes no bytes, for which there is an event.</summary>
    private static TestConnection SubscribeStalled(LoopRig rig)
    {
        var connection = rig.Subscribe("a");
        rig.Settle();
        AdvanceToPing(rig, connection);
        connection.Stalled = true;
        rig.Publish("a", "x");
        return connection;
    }

    private static void AdvanceToPing(LoopRig rig, TestConnection connection)
    {
        for (var i = 0; i < 61 && Pings(connection) == 0; i++)
        {
            rig.Advance(Tick);
        }

        Assert.Equal(1, Pings(connection));
    }

    private static int Pings(TestConnection connection) => Received(connection).Count(static one => one == "ping");

    private static string[] Received(TestConnection connection) => ServerFrame.Describe(connection.Bytes);
}
