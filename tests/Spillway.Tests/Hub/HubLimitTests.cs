using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>A whole hub with its threads: what its limits refuse, that nothing of a connection is left behind, and how it stops.</summary>
public sealed class HubLimitTests
{
    [Fact]
    public async Task Subscribe_ConnectionLimit_IsRefusedUntilOneEnds()
    {
        var options = Small();
        options.Limits.Connections = 2;
        await using var harness = new HubHarness(options);
        var (_, first) = await harness.ConnectAsync(Request("a"));
        await harness.ConnectAsync(Request("a"));

        Assert.Null(await harness.Hub.SubscribeAsync(Request("a"), TestContext.Current.CancellationToken));
        Assert.Equal((2, 1L), (harness.Hub.Connections, harness.Hub.Refused));
        first.Drop();
        await Within(first.Running);

        await harness.ConnectAsync(Request("a"));
        Assert.Equal(2, harness.Hub.Connections);
    }

    [Fact]
    public async Task Subscribe_TopicLimit_IsRefusedAndHoldsNothing()
    {
        var options = Small();
        options.Limits.Topics = 3;
        await using var harness = new HubHarness(options);

        Assert.Null(await harness.Hub.SubscribeAsync(Request("a", "b", "c", "d"), TestContext.Current.CancellationToken));
        Assert.Null(await harness.Hub.SubscribeAsync(Request("a", "b", "c", "d/*"), TestContext.Current.CancellationToken));

        Assert.Equal((0, 1, 0), (harness.Hub.Connections, harness.Hub.StrandCount, harness.Hub.Dispatcher.PatternCount));
        Assert.NotNull(await harness.Hub.SubscribeAsync(Request("a", "b", "c"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Subscribe_MoreReplaysThanPages_AllAreServedWithinTheBound()
    {
        var options = Small();
        options.Delivery.ReplayPages = 2;
        await using var harness = new HubHarness(options);
        var payload = new string('x', 8_000);
        for (var i = 0; i < 60; i++)
        {
            harness.Publish("a", payload); // 480 KB: eight pages for each.
        }

        var most = 0;
        var connections = new List<TestConnection>();
        for (var i = 0; i < 12; i++)
        {
            connections.Add((await harness.ConnectAsync(Request("a") with { Start = StartKind.Earliest })).Connection);
        }

        await harness.UntilAsync(
            () =>
            {
                most = Math.Max(most, harness.Hub.Replayer.PagesInFlight);
                return connections.TrueForAll(static connection => connection.Bytes.Length > 60 * 8_000);
            },
            "all replays");

        Assert.All(connections, static connection => Assert.Equal(60, connection.Payloads().Length));
        Assert.InRange(most, 0, 2);
        Assert.True(harness.Hub.Replayer.PagesRead >= 12 * 7);
    }

    [Theory]
    [InlineData(4, 1_000_000)]
    [InlineData(1_000, 1_400)]
    public async Task Subscribe_SnapshotPastItsLimits_TellsWhatIsLeftOutAndGoesOnLive(int keys, int bytes)
    {
        var options = Small();
        (options.Limits.SnapshotKeys, options.Limits.SnapshotBytes) = (keys, bytes);
        await using var harness = new HubHarness(options);
        var payload = new string('x', 256);
        for (var i = 1; i <= 10; i++)
        {
            Publish(harness, "a", $"{i} {payload}", key: $"{i}");
        }

        var (_, connection) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Snapshot });
        await harness.UntilAsync(() => connection.Payloads().Length == 4, "the snapshot");
        harness.Publish("a", "live");
        await harness.UntilAsync(() => connection.Payloads().Length == 5, "the live event");

        Assert.Equal(["gap overflow 0-6 ?", "7", "8", "9", "10", "live"], connection.Received().Select(text => text.Replace(" " + payload, "", StringComparison.Ordinal)));
        Assert.Equal((1L, 1L), (harness.Hub.Replayer.SnapshotsCut, harness.Hub.Loops[0].Counters.GapsTold));
    }

    /// <summary>Ids say which loop: in turn they would also say whether others came between.</summary>
    [Fact]
    public async Task Subscribe_OneBehindTheOther_LoopsAreNotGivenInTurn()
    {
        var options = Small();
        options.Delivery.Loops = 2;
        await using var harness = new HubHarness(options);
        var loops = new List<int>();
        for (var i = 0; i < 100; i++)
        {
            var (subscription, _) = await harness.ConnectAsync(Request("a"));
            Assert.True(ConnectionId.TryParse(subscription.ConnectionId, out var id));
            loops.Add(ConnectionId.LoopOf(id));
        }

        var changes = loops.Zip(loops.Skip(1)).Count(static pair => pair.First != pair.Second);
        Assert.InRange(changes, 10, 90); // Of 99; but for a chance of less than 1 in 10^16.
    }

    [Fact]
    public async Task Connections_SomeThousandsComeAndGo_LeaveNothingBehind()
    {
        var options = Small();
        options.Delivery.Loops = 2;
        await using var harness = new HubHarness(options);
        for (var round = 0; round < 10; round++)
        {
            var connections = new List<TestConnection>();
            for (var i = 0; i < 400; i++)
            {
                var (_, connection) = await harness.ConnectAsync(Request($"own/{round}/{i}", "shared", i % 3 == 0 ? "own/*/7" : "shared/**") with
                {
                    Start = i % 4 == 0 ? StartKind.Earliest : StartKind.Now,
                });
                connection.Stalled = i % 5 == 0;
                connections.Add(connection);
                if (i % 50 == 0)
                {
                    harness.Publish($"own/{round}/{i}", "x");
                    harness.Publish("shared", "y");
                }
            }

            connections.ForEach(static connection => connection.Drop());
            await Within(Task.WhenAll(connections.Select(static connection => connection.Running)));
            Assert.All(connections, static connection => Assert.Equal(1, connection.Closes));
        }

        for (var i = 0; i < 70; i++)
        {
            harness.Publish("other", "z"); // What the window held of their topics leaves it.
        }

        await harness.UntilAsync(() => harness.Hub.Replayer.PagesInFlight == 0, "pages on their way");
        Assert.Equal((0, 0), (harness.Hub.Connections, harness.Hub.Loops.Sum(static loop => loop.ConnectionCount + loop.FeedCount)));
        Assert.Equal((2, 0), (harness.Hub.StrandCount, harness.Hub.Dispatcher.PatternCount)); // The overflow strand, and "other".
        Assert.Equal(0, harness.Hub.Loops.Sum(static loop => loop.Counters.RestBytes));
        Assert.Equal(4_000, harness.Hub.Loops.Sum(static loop => loop.Counters.Closed.Sum()));
    }

    [Fact]
    public async Task StopAsync_GracePeriodOver_CutsWhoHasNotTakenItsBytes()
    {
        var options = Small();
        options.GracePeriod = TimeSpan.FromSeconds(10);
        await using var harness = new HubHarness(options);
        var (_, healthy) = await harness.ConnectAsync(Request("a"));
        var (_, stalled) = await harness.ConnectAsync(Request("a"));
        stalled.Stalled = true;
        harness.Publish("a", "1");
        await harness.UntilAsync(() => healthy.Payloads().Length == 1 && harness.Hub.Loops.Sum(static loop => loop.Counters.FellBehind) == 1, "the event");

        var stopping = harness.Hub.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(CloseReason.Shutdown, await Within(healthy.Running));
        Assert.Null(await harness.Hub.SubscribeAsync(Request("a"), TestContext.Current.CancellationToken));
        while (!stopping.IsCompleted)
        {
            harness.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await stopping;
        Assert.Equal(["1", "drain shutdown"], healthy.Received());
        Assert.Equal(CloseReason.WriteTimeout, await Within(stalled.Running));
    }

    [Fact]
    public async Task RunAsync_HubStoppedSinceSubscribing_EndsAtOnce()
    {
        var options = Small();
        options.GracePeriod = TimeSpan.Zero;
        var harness = new HubHarness(options);
        var subscription = await harness.Hub.SubscribeAsync(Request("a"), TestContext.Current.CancellationToken);
        var never = await harness.Hub.SubscribeAsync(Request("b"), TestContext.Current.CancellationToken);
        await harness.DisposeAsync();

        Assert.Equal(CloseReason.Shutdown, await Within(harness.Run(subscription!).Running));
        never!.Dispose(); // Its strands are freed already; nothing may touch them.
        harness.Hub.Accept(Records.Make(new PushEvent { Topic = "a" }, 1)); // Nor a late event the window.
        Assert.Equal(0, harness.Hub.Connections);
    }
}
