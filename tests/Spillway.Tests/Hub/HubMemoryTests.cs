using Spillway.Events;
using Spillway.History;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>What stalled connections cost. Alone: other tests' memory would be counted with it.</summary>
[Collection(Alone.Name)]
public sealed class HubMemoryTests
{
    [Fact]
    public async Task Publish_ThousandsOfStalledConnections_CostNoMemoryPerEvent()
    {
        var options = Small();
        options.Rules.Add(new TopicRule { Pattern = "d", Overflow = OverflowPolicy.DropOldest });
        options.Rules.Add(new TopicRule { Pattern = "e", History = false });
        await using var harness = new HubHarness(options, limits: HistoryLimits.From(new HistoryOptions()) with { MaxEvents = 200, SegmentEvents = 50 });
        var connections = new List<TestConnection>();
        for (var i = 0; i < 3_000; i++)
        {
            var (_, connection) = await harness.ConnectAsync(Request("d", "e", "r"));
            connection.Stalled = true;
            connections.Add(connection);
        }

        Churn(harness, 200); // Everybody has stalled, every buffer has grown.
        await harness.UntilAsync(() => harness.Hub.Loops.Sum(static loop => loop.Counters.FellBehind) == 3_000, "all to stall");
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Churn(harness, 2_000); // 2 MB published, 6 GB owed.
        var after = GC.GetTotalMemory(forceFullCollection: true);

        Assert.InRange(after - before, long.MinValue, 3_000 * 500);
        Assert.InRange(harness.Hub.Window.Head - harness.Hub.Window.Tail + 1, 1, options.Delivery.WindowEvents);
        Assert.Equal((0, 0L), (harness.Hub.Replayer.PagesInFlight, harness.Hub.Loops.Sum(static loop => loop.Counters.RestBytes)));
        connections.ForEach(static connection => connection.Stalled = false);
        await harness.UntilAsync(() => harness.Hub.Loops.Sum(static loop => loop.Counters.GapsTold) >= 3_000, "gaps to be told");
    }

    private static void Churn(HubHarness harness, int events)
    {
        var payload = new string('x', 1_000);
        for (var i = 0; i < events; i++)
        {
            harness.Publish(i % 3 == 0 ? "d" : i % 3 == 1 ? "e" : "r", payload);
        }
    }
}
