using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>A write that takes part of an event: its rest comes, whatever happens meanwhile, or the connection ends.</summary>
public sealed class CutEventTests
{
    private static readonly string Large = new('x', 900);

    [Fact]
    public void FinishCut_StillInTheWindow_SendsTheRestFromThere()
    {
        using var rig = new LoopRig();
        var connection = Stall(rig, room: 100);
        rig.Publish("a", Large, "2");
        rig.Settle();
        Assert.Equal(100, connection.Bytes.Length);

        rig.Release(connection);
        rig.Settle();

        Assert.Equal([Large, "2"], connection.Received());
        Assert.Equal(0, rig.Loop.Counters.ReplayStarts);
        Assert.Equal(2, rig.Loop.Counters.Delivered);
    }

    [Fact]
    public void FinishCut_LeftTheWindow_SendsTheRestFromHistory()
    {
        using var rig = new LoopRig();
        var connection = Stall(rig, room: 500);
        rig.Publish("a", "1", Large, "3");
        rig.Settle();
        rig.Flood();

        rig.Release(connection, room: 50); // The rest of a cut event is cut again.
        rig.Settle();
        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["1", Large, "slow ?", "3"], connection.Received());
        Assert.Equal(1, rig.Loop.Counters.ReplayStarts);
    }

    [Fact]
    public void FinishCut_ExpiredEventInFrontOfIt_SendsTheRestOfTheRightEvent()
    {
        using var rig = new LoopRig();
        var connection = Stall(rig, room: 0);
        rig.Publish("a", "1");
        rig.Settle();
        rig.Publish(Short("expired"));
        rig.Publish("a", Large);
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        rig.Release(connection, room: 700); // The first event, the gap, and part of the large one.
        rig.Settle();
        rig.Flood();
        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["gap expired 0-2 1", "1", Large], connection.Received());
    }

    [Fact]
    public void SendPage_ExpiredEventInFrontOfACutOne_SendsTheRestOfTheRightEvent()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        rig.Publish(Short("expired"));
        rig.Publish("a", Large, "4");
        rig.Publish(Short("expired, too"));
        rig.Publish("a", "6");
        rig.Flood();
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        connection.Room = 700;
        rig.Settle();
        Assert.Equal(700, connection.Bytes.Length);
        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["gap expired 0-5 2", "1", Large, "4", "6"], connection.Received());
        Assert.Equal(2, rig.Loop.Counters.Missed[(int)GapReason.Expired]);
        Assert.Equal(4, rig.Loop.Counters.Delivered);
    }

    [Fact]
    public void SendRun_ExpiredEventBehindWhatWasTaken_IsToldOnce()
    {
        using var rig = new LoopRig();
        var connection = Stall(rig, room: 0);
        rig.Publish("a", Large);
        rig.Settle();
        rig.Publish("a", Large);
        rig.Publish(Short("expired"));
        rig.Publish("a", Large);
        rig.Clock.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 20 && connection.Payloads().Length < 3; i++)
        {
            rig.Release(connection, room: 300); // The gap and part of the first event; then the rest, piece by piece.
            rig.Settle();
        }

        Assert.Equal(["gap expired 0-3 1", Large, Large, Large], connection.Received());
        Assert.Equal(1, rig.Loop.Counters.Missed[(int)GapReason.Expired]);
    }

    [Fact]
    public void FinishCut_RetentionTookIt_ClosesTheConnection()
    {
        using var rig = new LoopRig(limits: HistoryLimits.From(new HistoryOptions()) with { MaxEvents = 4, SegmentEvents = 1 });
        var connection = Stall(rig, room: 500);
        rig.Publish("a", Large, "2");
        rig.Settle();
        rig.Flood();

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(CloseReason.Failed, connection.Reason);
        Assert.Equal(500, connection.Bytes.Length); // Not a byte of anything else.
    }

    [Fact]
    public void Cut_EphemeralEvent_ItsRestIsKeptAside()
    {
        using var rig = new LoopRig(Ephemeral());
        var connection = Stall(rig, room: 100);
        rig.Publish("eph/a", Large);
        rig.Settle();
        Assert.InRange(rig.Loop.Counters.RestBytes, 800, 1_000);
        rig.Flood("b");

        rig.Release(connection, room: 50);
        rig.Settle();
        rig.Release(connection);
        rig.Settle();

        Assert.Equal([Large], connection.Payloads());
        Assert.Equal(0, rig.Loop.Counters.RestBytes);
    }

    [Fact]
    public void KeepRest_MoreThanTheLimit_ClosesTheConnection()
    {
        var options = Ephemeral();
        options.Delivery.RestBytes = 1_000;
        using var rig = new LoopRig(options);
        var (first, second) = (Stall(rig, room: 100), Stall(rig, room: 100));

        rig.Publish("eph/a", Large);
        rig.Settle();

        Assert.Equal((null, CloseReason.WriteTimeout), (first.Reason, second.Reason));
        Assert.Equal(1, rig.Loop.Counters.RestOverflows);
        Assert.Equal(1, second.Closes);
        first.Drop();
        rig.Settle();
        Assert.Equal(0, rig.Loop.Counters.RestBytes);
    }

    private static SpillwayOptions Ephemeral()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Rules.Add(new TopicRule { Pattern = "eph/**", History = false });
        return options;
    }

    private static PushEvent Short(string payload) =>
        new() { Topic = "a", Payload = System.Text.Encoding.UTF8.GetBytes(payload), Ttl = TimeSpan.FromSeconds(1) };

    private static TestConnection Stall(LoopRig rig, int room)
    {
        var connection = rig.Subscribe("a", "eph/a");
        connection.Room = room;
        rig.Settle();
        return connection;
    }
}
