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
            if (!@case.IsStream)
            {
                await IsToldByAnEmptyAnswerAsync(server, clock, subscriber, other.Cursor);
                return;
            }

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
                var together = await ReadBehindOneThatWaitsAsync(server, @case, subscriber, topic, async () =>
                {
                    await server.PublishAsync(topic, "second");
                    clock.Forward(TimeSpan.FromSeconds(70));
                });
                var hastened = await ReadBehindOneThatWaitsAsync(server, @case, subscriber, topic, async () =>
                    await server.Publisher.PublishAsync(new PushEvent { Topic = topic, Payload = "critical"u8.ToArray(), Priority = EventPriority.Critical }, Token));

                Assert.Equal(["waits", "second"], together);
                Assert.Equal(["waits", "critical"], hastened);
            }
        }
    }

    /// <summary>A quiet poll ends with an answer without entries, whose cursor is behind what it had nothing to do with.</summary>
    private static async Task IsToldByAnEmptyAnswerAsync(HubServer server, ForwardClock clock, TransportSubscriber subscriber, string cursor)
    {
        await server.WaitForConnectionsAsync(0); // The poll before may still be counted.
        var next = subscriber.NextEventAsync();
        await server.WaitForLoopAsync();

        clock.Forward(TimeSpan.FromSeconds(26));
        await HubServer.WaitAsync(() => subscriber.Position == cursor);
        await server.PublishAsync("a", "goes on");

        Assert.Equal("goes on", (await next).Text);
    }

    /// <summary>Has an event published that the subscriber's interval holds back, then something else done, and returns the two events that came.</summary>
    private static async Task<IReadOnlyList<string>> ReadBehindOneThatWaitsAsync(HubServer server, TransportCase @case, TransportSubscriber subscriber, string topic, Func<Task> then)
    {
        Task<IReadOnlyList<string>> reading;
        if (@case.IsStream)
        {
            await PublishUntilOneWaitsAsync(server, subscriber, topic);
            reading = subscriber.NextTextsAsync(2);
        }
        else
        {
            await server.WaitForConnectionsAsync(0); // The poll before may still be counted.
            reading = subscriber.NextTextsAsync(2); // Its interval begins with the poll.
            await server.WaitForLoopAsync();
            await server.PublishAsync(topic, "waits");
            await HubServer.WaitAsync(() => Batching(server) == 1);
        }

        await then();
        return await reading;
    }

    /// <summary>Publishes events until the subscriber's interval holds one back: what comes before the write of the one before is done goes with it.</summary>
    private static async Task PublishUntilOneWaitsAsync(HubServer server, TransportSubscriber subscriber, string topic)
    {
        for (var waits = false; !waits;)
        {
            await HubServer.WaitAsync(() => Delivered(server) == subscriber.Events); // A loop counts after it has written.
            await server.PublishAsync(topic, "waits");
            await HubServer.WaitAsync(() => Batching(server) == 1 || Delivered(server) > subscriber.Events);
            waits = Delivered(server) == subscriber.Events;
            Assert.True(waits || (await subscriber.NextEventAsync()).Text == "waits");
        }
    }

    private static long Delivered(HubServer server) => server.Hub.Loops.Sum(static loop => Volatile.Read(ref loop.Counters.Delivered));

    private static int Batching(HubServer server) => server.Hub.Loops.Sum(static loop => loop.Batching);

    private static async Task<(HubServer Server, ForwardClock Clock)> StartAsync(TransportCase @case)
    {
        var clock = new ForwardClock();
        var server = await ContractHub.StartAsync(
            @case, static options => options.Rules.Add(new TopicRule { Pattern = "slow/**", Batch = TimeSpan.FromSeconds(60) }), builder => clock.AddTo(builder.Services));
        return (server, clock);
    }
}
