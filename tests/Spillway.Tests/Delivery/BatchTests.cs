using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Delivery.BatchRig;

namespace Spillway.Tests.Delivery;

/// <summary>Batch intervals: when what waits is written, in which order, and how rules and subscribers ask for them.</summary>
public sealed class BatchTests
{
    [Fact]
    public void Batch_NothingWasWrittenForLonger_IsWrittenAtOnce()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a");
        rig.Settle();

        rig.Publish("b/a", "1");
        rig.Settle();
        rig.Advance(TimeSpan.FromMilliseconds(150));
        rig.Publish("b/a", "2");
        rig.Settle();

        Assert.Equal(["1", "2"], connection.Received());
        Assert.Equal((0L, 2L), (rig.Loop.Counters.BatchedWrites, rig.Loop.Counters.Sends));
    }

    [Fact]
    public void Batch_MoreComesWithinTheInterval_IsWrittenTogetherAtItsEnd()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a");
        Written(rig, connection, "b/a");

        foreach (var number in (string[])["1", "2", "3"])
        {
            rig.Publish("b/a", number);
            rig.Advance(TimeSpan.FromMilliseconds(30));
        }

        Assert.Equal(["0"], connection.Received());
        Assert.Equal(1, rig.Loop.Batching);
        rig.Advance(TimeSpan.FromMilliseconds(9)); // 99 of 100 ms.
        Assert.Equal(["0"], connection.Received());
        rig.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(["0", "1", "2", "3"], connection.Received());
        Assert.Equal((1L, 3L, 0L, 2L), (rig.Loop.Counters.BatchedWrites, rig.Loop.Counters.BatchedEvents, rig.Loop.Counters.BatchesCutShort, rig.Loop.Counters.Sends));
        Assert.Equal((0, 0), (rig.Loop.Batching, rig.Loop.ExtraStates));
    }

    [Fact]
    public void Batch_EventsGoOnComing_AreWrittenOnceAnInterval()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a");
        Written(rig, connection, "b/a");

        for (var i = 0; i < 100; i++)
        {
            rig.Publish("b/a", $"{i}");
            rig.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.Equal(10, rig.Loop.Counters.BatchedWrites);
        Assert.Equal(100, rig.Loop.Counters.BatchedEvents);
    }

    [Theory]
    [InlineData(EventPriority.Critical, "b/a")]
    [InlineData(EventPriority.Normal, "n")] // A topic of a rule without an interval.
    public void Batch_SomethingElseMayNotWait_TakesAlongWhatDoes(EventPriority priority, string topic)
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a", "n");
        Written(rig, connection, "n");
        rig.Publish("b/a", "1");
        rig.Settle();
        rig.Publish("b/a", "2");

        rig.Publish(new PushEvent { Topic = topic, Payload = "3"u8.ToArray(), Priority = priority });
        rig.Settle();

        Assert.Equal(["0", "1", "2", "3"], connection.Received());
        Assert.Equal((0, 0L), (rig.Loop.Batching, rig.Loop.Counters.BatchedWrites));
    }

    [Fact]
    public void Batch_WrittenMeanwhile_TheNextIntervalBeginsThen()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a", "n");
        Written(rig, connection, "n");
        rig.Publish("b/a", "1");
        rig.Advance(TimeSpan.FromMilliseconds(50));
        rig.Publish("n", "2");
        rig.Settle();

        rig.Publish("b/a", "3");
        rig.Advance(TimeSpan.FromMilliseconds(90));
        Assert.Equal(["0", "1", "2"], connection.Received());
        rig.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(["0", "1", "2", "3"], connection.Received());
    }

    [Fact]
    public void Batch_PatternOverTwoRules_TheShorterIntervalOfWhatWaitsApplies()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("**");
        Written(rig, connection, "n");
        rig.Publish("s/a", "1"); // 1 s.
        rig.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(["0"], connection.Received());

        rig.Publish("b/a", "2"); // 100 ms, which have passed.
        rig.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(["0", "1", "2"], connection.Received());
        rig.Publish("s/a", "3");
        rig.Advance(TimeSpan.FromMilliseconds(10), times: 99);
        Assert.Equal(["0", "1", "2"], connection.Received());
        rig.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(["0", "1", "2", "3"], connection.Received());
    }

    [Fact]
    public void Batch_SubscribersOwn_HoldsForTopicsOfEveryRuleButNotForCriticalEvents()
    {
        using var rig = Rig();
        var connection = rig.Subscribe(Selectors.Of("n", "b/a"), batch: TimeSpan.FromMilliseconds(300));
        var other = rig.Subscribe("n");
        Written(rig, connection, "n");

        rig.Publish("n", "1");
        rig.Advance(TimeSpan.FromMilliseconds(100));
        rig.Publish("b/a", "2"); // Its rule's interval has passed, and is the shorter one.
        rig.Advance(TimeSpan.FromMilliseconds(199));
        Assert.Equal((2, 1), (other.Received().Length, connection.Received().Length));
        rig.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["0", "1", "2"], connection.Received());
        rig.Publish("n", "3");
        rig.Settle();
        rig.Publish(new PushEvent { Topic = "n", Payload = "4"u8.ToArray(), Priority = EventPriority.Critical });
        rig.Settle();

        Assert.Equal(["0", "1", "2", "3", "4"], connection.Received());
    }

    [Fact]
    public void Batch_SubscribersOwnAndTheRulesIsLonger_TheLongerApplies()
    {
        using var rig = Rig();
        var connection = rig.Subscribe(Selectors.Of("s/a"), batch: TimeSpan.FromMilliseconds(100));
        Written(rig, connection, "s/a");

        rig.Publish("s/a", "1");
        rig.Advance(TimeSpan.FromMilliseconds(990));
        Assert.Equal(["0"], connection.Received());
        rig.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(["0", "1"], connection.Received());
    }

    [Fact]
    public void Batch_RulesChange_AppliesToWhatIsPublishedFromThenOn()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a");
        Written(rig, connection, "b/a");
        rig.Publish("b/a", "1");
        rig.Settle();

        Assert.True(rig.Dispatcher.TryChangeRules([new TopicRule { Pattern = "b/**", Batch = TimeSpan.FromMilliseconds(50) }], out _));
        rig.Advance(TimeSpan.FromMilliseconds(60));
        Assert.Equal(["0"], connection.Received()); // What waits goes on waiting.
        rig.Publish("b/a", "2");
        rig.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal(["0", "1", "2"], connection.Received());
        rig.Publish("b/a", "3");
        rig.Advance(TimeSpan.FromMilliseconds(10));
        Assert.True(rig.Dispatcher.TryChangeRules([], out _));
        rig.Publish("b/a", "4");
        rig.Settle();
        rig.Settle();
        Assert.True(rig.Dispatcher.TryChangeRules([new TopicRule { Pattern = "b/**", Batch = TimeSpan.FromSeconds(60) }], out _));
        rig.Publish("b/a", "5");
        rig.Advance(TimeSpan.FromSeconds(59));

        Assert.Equal(["0", "1", "2", "3", "4"], connection.Received());
    }

    [Fact]
    public void Batch_ManySubscribersWrittenAtTheSameTime_AreNotSoForEver()
    {
        using var rig = Rig();
        var connections = Enumerable.Range(0, 200).Select(_ => rig.Subscribe("s/a")).ToList();
        rig.Settle();
        var writes = new List<long>();
        rig.Publish("s/a", "first");
        rig.Advance(TimeSpan.Zero);
        rig.Settle();
        Assert.All(connections, static connection => Assert.Equal(["first"], connection.Received()));

        for (var i = 0; i < 1_000; i++)
        {
            rig.Publish("s/a", $"{i}");
            rig.Advance(TimeSpan.FromMilliseconds(10));
            writes.Add(rig.Loop.Counters.BatchedWrites);
        }

        var perSlot = writes.Zip(writes.Skip(1)).Skip(500).Select(static pair => pair.Second - pair.First).ToList();
        Assert.True(perSlot.Max() <= 20, $"{perSlot.Max()} of 200 within 10 ms.");
        Assert.InRange(writes[^1], 200 * 8, 200 * 10); // An eighth longer than asked for at most.
    }

    [Fact]
    public void Batch_SecondEventOfTheSameMoment_WakesTheLoopOnce()
    {
        var waiter = new ScriptedWaiter();
        using var rig = Rig(waiter);
        var connection = rig.Subscribe("b/a");
        Written(rig, connection, "b/a");
        var waits = new List<TimeSpan>();
        waiter.OnWait = turn =>
        {
            waits.Add(waiter.Longest);
            var before = waiter.Wakes;
            if (turn == 1)
            {
                rig.Publish("b/a", "1", "2", "3");
                Assert.Equal(1, waiter.Wakes - before);
            }
            else if (turn < 4)
            {
                rig.Clock.Advance(waiter.Longest);
            }
            else
            {
                rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
            }
        };

        rig.Loop.Run();

        // Nothing waits; the marks wait for the next 10 ms; the events for the interval; nothing.
        Assert.Equal([250, 10, 90, 250], waits.Select(static wait => wait.TotalMilliseconds));
        Assert.Equal(["0", "1", "2", "3"], connection.Received().Take(4));
    }
}
