using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Delivery.BatchRig;

namespace Spillway.Tests.Delivery;

/// <summary>How connections end for which something waits.</summary>
public sealed class BatchEndTests
{
    [Fact]
    public void Drain_SomethingWaits_IsWrittenFirst()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("e/a");
        Written(rig, connection, "e/a");
        rig.Publish("e/a", "1");
        rig.Settle();

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        rig.Settle();

        Assert.Equal(["0", "1", "drain shutdown"], connection.Received());
        Assert.Equal(0, rig.Loop.ExtraStates);
    }

    [Fact]
    public void Drain_MoreThanAVisitsWorthWaits_IsAllWrittenFirst()
    {
        using var rig = Rig(change: static options => options.Rules.Insert(0, new TopicRule { Pattern = "w", Batch = TimeSpan.FromSeconds(1), History = false, BacklogBytes = 1024 * 1024 }));
        var connection = rig.Subscribe("w");
        Written(rig, connection, "w");
        rig.Publish("w", [.. Enumerable.Repeat(new string('x', 30_000), 7)]);
        rig.Settle();

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        rig.Settle();

        Assert.Equal(9, connection.Received().Length);
        Assert.Equal("drain shutdown", connection.Received()[^1]);
    }

    [Fact]
    public void OnDeadline_LifetimeEndsWhileSomethingWaits_IsWrittenFirst()
    {
        using var rig = Rig(change: static options =>
        {
            options.Sse.MaxLifetime = TimeSpan.FromSeconds(100);
            options.Rules.Insert(0, new TopicRule { Pattern = "w", Batch = TimeSpan.FromSeconds(60), History = false });
        });
        var connection = rig.Subscribe("w");
        rig.Settle();
        rig.Advance(TimeSpan.FromSeconds(89));
        Written(rig, connection, "w");
        rig.Publish("w", "1");

        rig.Advance(TimeSpan.FromMilliseconds(250), times: 100);

        Assert.Equal(["0", "1", "drain lifetime"], connection.Received());
    }

    [Fact]
    public void End_OfTheTopicWaits_EndsTheStreamBehindIt()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a");
        Written(rig, connection, "b/a");

        rig.Publish(new PushEvent { Topic = "b/a", Payload = "1"u8.ToArray(), Final = true });
        rig.Advance(TimeSpan.FromMilliseconds(90));
        Assert.Null(connection.Reason);
        rig.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(["0", "1", "end"], connection.Received());
        Assert.Equal(CloseReason.TopicsEnded, connection.Reason);
    }

    [Fact]
    public void Close_SomethingWaits_TheNumbersNextConnectionDoesNot()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("s/a");
        Written(rig, connection, "s/a");
        rig.Publish("s/a", "1");
        rig.Settle();
        connection.Drop();
        rig.Settle();
        Assert.Equal((0, 0), (rig.Loop.Batching, rig.Loop.ExtraStates));

        var next = rig.Subscribe(Selectors.Of("s/a"), after: 1);
        rig.Settle();
        Assert.Equal(["1"], next.Received()); // A resume does not wait.
        rig.Publish("s/a", "2");
        rig.Advance(TimeSpan.FromMilliseconds(1_000));

        Assert.Equal(["1", "2"], next.Received());
    }
}
