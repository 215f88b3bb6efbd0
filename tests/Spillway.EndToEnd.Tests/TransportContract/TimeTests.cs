using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What time does to streams. The hub's clock is put forward; nobody waits.</summary>
public sealed class TimeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Ttl_Passed_IsToldAsExpiredInPlaceOfTheEvent(TransportCase @case)
    {
        var (server, clock) = await StartAsync(@case);
        await using (server)
        {
            var before = await server.PublishAsync("a", "before");
            var expired = await server.Publisher.PublishAsync(new PushEvent { Topic = "a", Payload = "expired"u8.ToArray(), Ttl = TimeSpan.FromMinutes(1) }, Token);
            await server.PublishAsync("a", "after");
            clock.Forward(TimeSpan.FromMinutes(2));

            await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic=a&cursor={before.Cursor}");
            var gap = await subscriber.NextSignalAsync("gap");

            Assert.Equal(("expired", before.Cursor, expired.Cursor, 1), (gap.Text("reason"), gap.Text("from"), gap.Text("to"), gap.Number("count")));
            Assert.Equal("after", (await subscriber.NextEventAsync()).Text);
        }
    }

    [Theory]
    [TransportCases]
    public async Task Quiet_BehindAMovedHead_GetsTheNewCursor(TransportCase @case)
    {
        var (server, clock) = await StartAsync(@case);
        await using (server)
        {
            await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
            await server.PublishAsync("a", "own");
            Assert.Equal("own", (await subscriber.NextEventAsync()).Text);
            var other = await server.PublishAsync("b", "for somebody else");

            clock.Forward(TimeSpan.FromSeconds(16));
            var signal = await subscriber.NextSignalAsync("cursor");

            Assert.Equal((other.Cursor, other.Cursor), (signal.Id, subscriber.Position));
        }
    }

    [Theory]
    [TransportCases]
    public async Task Batch_ByRuleOrByWish_HoldsEventsBackAndBringsThemTogether(TransportCase @case)
    {
        foreach (var query in (string[])["topic=slow/a", "topic=a&batch=60s"])
        {
            var topic = query.Contains("slow", StringComparison.Ordinal) ? "slow/a" : "a";
            var (server, clock) = await StartAsync(@case);
            await using (server)
            {
                await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, query);
                await PublishUntilOneWaitsAsync(server, subscriber, topic);
                await server.PublishAsync(topic, "second");

                clock.Forward(TimeSpan.FromSeconds(70));
                Assert.Equal(["waits", "second"], await subscriber.NextTextsAsync(2));
                await PublishUntilOneWaitsAsync(server, subscriber, topic);
                await server.Publisher.PublishAsync(new PushEvent { Topic = topic, Payload = "critical"u8.ToArray(), Priority = EventPriority.Critical }, Token);

                Assert.Equal(["waits", "critical"], await subscriber.NextTextsAsync(2));
            }
        }
    }

    /// <summary>Publishes events until the subscriber's interval holds one back: what comes before the write of the one before is done goes with it.</summary>
    private static async Task PublishUntilOneWaitsAsync(HubServer server, TransportSubscriber subscriber, string topic)
    {
        long Delivered() => server.Hub.Loops.Sum(static loop => Volatile.Read(ref loop.Counters.Delivered));
        int Batching() => server.Hub.Loops.Sum(static loop => loop.Batching);

        for (var waits = false; !waits;)
        {
            await HubServer.WaitAsync(() => Delivered() == subscriber.Events); // A loop counts after it has written.
            await server.PublishAsync(topic, "waits");
            await HubServer.WaitAsync(() => Batching() == 1 || Delivered() > subscriber.Events);
            waits = Delivered() == subscriber.Events;
            Assert.True(waits || (await subscriber.NextEventAsync()).Text == "waits");
        }
    }

    private static async Task<(HubServer Server, ForwardClock Clock)> StartAsync(TransportCase @case)
    {
        var clock = new ForwardClock();
        var server = await ContractHub.StartAsync(
            @case, static options => options.Rules.Add(new TopicRule { Pattern = "slow/**", Batch = TimeSpan.FromSeconds(60) }), builder => clock.AddTo(builder.Services));
        return (server, clock);
    }
}
