using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Deadlines, the loop's sleep, and how connections and loops end.</summary>
public sealed class LifeTests
{
    [Fact]
    public void KeepAlive_HeadHasNotMoved_IsAComment()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();

        rig.Advance(TimeSpan.FromSeconds(14));
        Assert.Empty(connection.Bytes);
        rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(":\n", System.Text.Encoding.UTF8.GetString(connection.Bytes));
    }

    [Fact]
    public void KeepAlive_HeadHasMoved_IsACursor()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        rig.Publish("b", "1", "2");

        rig.Advance(TimeSpan.FromSeconds(16), times: 2);

        Assert.Equal(["cursor 2"], connection.Received()); // The second time it has not moved.
        Assert.EndsWith("\n:\n", System.Text.Encoding.UTF8.GetString(connection.Bytes));
    }

    [Fact]
    public void KeepAlive_WithoutSignals_IsAComment()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe(Selectors.Of("a"), signals: false);
        rig.Settle();
        rig.Publish("b", "1");

        rig.Advance(TimeSpan.FromSeconds(16));

        Assert.Equal(":\n", System.Text.Encoding.UTF8.GetString(connection.Bytes));
    }

    [Fact]
    public void KeepAlive_SpreadOfReconnectsDoubledOrHalved_CarriesANewDelayOnce()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        foreach (var steps in (int[])[5, 1, 0, -5, -1]) // Almost doubled, doubled, the same, almost halved, halved.
        {
            rig.RetryMagnitude = (byte)(rig.RetryMagnitude + steps);
            rig.Advance(TimeSpan.FromSeconds(16));
        }

        Assert.Equal(":\nretry: 1234\n:\n:\n:\nretry: 1234\n:\n", System.Text.Encoding.UTF8.GetString(connection.Bytes));
    }

    [Fact]
    public void OnDeadline_NoByteTakenForWriteStall_Closes()
    {
        using var rig = new LoopRig();
        var (stalled, healthy) = (rig.Subscribe("a"), rig.Subscribe("a"));
        stalled.Stalled = true;
        rig.Settle();
        rig.Publish("a", "1");
        rig.Settle();

        rig.Advance(TimeSpan.FromSeconds(29));
        Assert.Null(stalled.Reason);
        rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((CloseReason.WriteTimeout, null), (stalled.Reason, healthy.Reason));
        Assert.Equal(1, rig.Loop.Counters.Closed[(int)CloseReason.WriteTimeout]);
    }

    [Fact]
    public void OnDeadline_MaxLifetime_EndsWithinTenPercentAndNotAllAtOnce()
    {
        var options = new SpillwayOptions();
        options.Sse.MaxLifetime = TimeSpan.FromMinutes(100);
        using var rig = new LoopRig(options);
        var connections = Enumerable.Range(0, 40).Select(_ => rig.Subscribe("a")).ToList();
        rig.Settle();

        rig.Advance(TimeSpan.FromMinutes(89.5));
        Assert.DoesNotContain(connections, static connection => connection.Reason is not null);
        rig.Advance(TimeSpan.FromMinutes(10.5));
        Assert.InRange(connections.Count(static connection => connection.Reason is not null), 1, 39);
        rig.Advance(TimeSpan.FromMinutes(10.5));

        Assert.All(connections, static connection => Assert.Equal((CloseReason.Lifetime, "drain lifetime"), (connection.Reason, connection.Signals()[^1])));
    }

    [Fact]
    public void Drain_LiveBehindAndInReplay_AllEnd()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        rig.Flood();
        var (live, behind) = (rig.Subscribe("a"), rig.Subscribe("a"));
        behind.Room = 5;
        rig.Settle();
        rig.Publish("a", "2");
        rig.Settle();
        var replaying = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn(); // Its page is asked for, not taken.

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        rig.Settle();
        Assert.Equal((CloseReason.Shutdown, null, CloseReason.Shutdown), (live.Reason, behind.Reason, replaying.Reason));
        rig.Release(behind);
        rig.Settle();

        Assert.Equal(["2", "drain shutdown"], behind.Received());
        Assert.Equal(["2", "drain shutdown"], live.Received());
        Assert.Equal((CloseReason.Shutdown, 0, 0), (behind.Reason, rig.Loop.ConnectionCount, rig.Replayer.PagesInFlight));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    public void Adopt_WhileDraining_EndsOnce(long? after)
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));

        var connections = Enumerable.Range(0, 3).Select(_ => rig.Subscribe(Selectors.Of("a"), after)).ToList();
        rig.Settle();

        Assert.All(connections, static connection => Assert.Equal((CloseReason.Shutdown, 1), (connection.Reason, connection.Closes)));
        Assert.All(connections, static connection => Assert.Equal("drain shutdown", connection.Received()[^1]));
        Assert.Equal((0, 0), (rig.Loop.ConnectionCount, rig.Loop.FeedCount));
    }

    [Fact]
    public void Stop_BytesOnTheirWay_CutsThatOneAndEndsTheOthers()
    {
        using var rig = new LoopRig();
        var (idle, behind) = (rig.Subscribe("a"), rig.Subscribe("b"));
        behind.Room = 5;
        rig.Settle();
        rig.Publish("b", "1");
        rig.Settle();

        rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
        var late = rig.Subscribe("a"); // In the queue behind the stop.
        rig.Loop.Turn();
        var later = rig.Subscribe("a");

        Assert.Equal((CloseReason.Shutdown, CloseReason.WriteTimeout), (idle.Reason, behind.Reason));
        Assert.Equal((CloseReason.Shutdown, CloseReason.Shutdown), (late.Reason, later.Reason));
    }

    [Fact]
    public void Run_WorkComesBeforeItSleeps_IsWoken()
    {
        using var waiter = new ScriptedWaiter();
        using var rig = new LoopRig(waiter: waiter);
        var connection = rig.Subscribe("a");
        waiter.OnWait = wait =>
        {
            if (wait == 1)
            {
                rig.Publish("a", "1"); // It has looked, found nothing, and is about to sleep.
                Assert.Equal(1, waiter.Wakes);
            }
            else
            {
                rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
                Assert.Equal(2, waiter.Wakes);
            }
        };

        rig.Loop.Run();

        Assert.Equal(["1"], connection.Received());
        Assert.Equal(2, waiter.Waits); // Awake it is not woken: each sleep costs one signal, whatever came.
    }

    [Fact]
    public void Run_TurnThrows_ClosesItsConnectionsAndGoesOn()
    {
        using var waiter = new ScriptedWaiter();
        using var rig = new LoopRig(waiter: waiter);
        var (broken, other, next) = (rig.Subscribe("a"), rig.Subscribe("b"), default(TestConnection));
        broken.OnSend = () => throw new InvalidOperationException("Not foreseen.");
        waiter.OnWait = wait =>
        {
            switch (wait)
            {
                case 1:
                    rig.Publish("a", "1");
                    break;
                case 2:
                    next = rig.Subscribe("a");
                    break;
                case 3:
                    rig.Publish("a", "2");
                    break;
                default:
                    rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
                    break;
            }
        };

        rig.Loop.Run();

        Assert.Equal((CloseReason.Failed, CloseReason.Failed), (broken.Reason, other.Reason));
        Assert.Equal(["2"], next!.Received());
        Assert.Contains("Not foreseen.", Assert.Single(rig.Logs.TakeErrors()));
    }

    [Fact]
    public void TakeMarks_RingOverflowed_EverybodyIsVisitedAndMarkedAgain()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 131_072;
        options.Delivery.WindowBytes = 64 * 1024 * 1024;
        using var rig = new LoopRig(options);
        var sets = Enumerable.Range(0, 7).Select(i => Selectors.Of(Enumerable.Range(0, 10_000).Select(j => $"t/{i}/{j}"))).ToList();
        var resolved = sets.Select(set => rig.Dispatcher.Resolve(set, 0)!).ToList();
        var first = rig.Adopt(sets[0], resolved[0]);
        rig.Settle();
        rig.Publish([.. Enumerable.Range(0, 70_000).Select(static i => new PushEvent { Topic = $"t/{i / 10_000}/{i % 10_000}" })]); // The ring holds 65,536.

        rig.Settle();
        var last = rig.Adopt(sets[6], resolved[6]); // The marks of its strands are lost; nobody was there to take them.
        rig.Settle();
        Assert.Equal((10_000, 10_000), (first.Payloads().Length, last.Payloads().Length));
        rig.Publish("t/0/7", "first");
        rig.Publish("t/6/9999", "last");
        rig.Settle();

        Assert.Equal(("first", "last"), (first.Payloads()[^1], last.Payloads()[^1]));
    }

    [Fact]
    public void Sweep_ManySubscribers_EachGetsEverythingOnceAndMostShareTheBytes()
    {
        using var rig = new LoopRig();
        var connections = Enumerable.Range(0, 200).Select(_ => rig.Subscribe("a", "b")).ToList();
        rig.Settle();

        rig.Publish(new PushEvent { Topic = "a", Payload = "1"u8.ToArray() }, new PushEvent { Topic = "b", Payload = "2"u8.ToArray(), Priority = EventPriority.Critical });
        rig.Settle();

        Assert.All(connections, static connection => Assert.Equal(["1", "2"], connection.Received()));
        Assert.InRange(rig.Loop.Memo.Hits, 150, 200);
        Assert.Equal(1, rig.Loop.FeedCount);
    }

    [Fact]
    public void Release_DispatcherHoldsItsLock_IsDoneByTheDispatcher()
    {
        using var rig = new LoopRig();
        var resolved = rig.Dispatcher.Resolve(Selectors.Of("a", "b/*"), 0)!;
        Assert.Equal(2, rig.StrandCount);
        var connection = rig.Subscribe("c");
        rig.Settle();

        rig.Encoder.OnEvent = () =>
        {
            rig.Encoder.OnEvent = null;
            var releasing = new Thread(() => rig.Dispatcher.Release(resolved.Strands, 0));
            releasing.Start();
            releasing.Join(); // It does not wait for the lock, which is held here: a loop in its place has a pin, for which the holder may wait.
            Assert.Equal(1, rig.Dispatcher.PatternCount);
        };
        rig.Publish("c", "1");

        Assert.Equal(0, rig.Dispatcher.PatternCount);
        Assert.Null(connection.Reason);
    }
}
