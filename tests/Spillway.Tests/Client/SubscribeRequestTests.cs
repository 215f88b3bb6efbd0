using System.Globalization;
using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class SubscribeRequestTests
{
    public static TheoryData<StartingPoint, string> StartingPoints => new()
    {
        { StartingPoint.Now, "" },
        { StartingPoint.Earliest, "&earliest=true" },
        { StartingPoint.Snapshot, "&snapshot=true" },
        { StartingPoint.Last(10), "&last=10" },
        { StartingPoint.After("1x-9"), "&cursor=1x-9" },
        { StartingPoint.Since(TimeSpan.FromMinutes(1.5)), "&since=90000ms" },
        { StartingPoint.Since(new DateTimeOffset(2026, 1, 31, 9, 0, 0, TimeSpan.FromHours(1))), "&since=2026-01-31T08%3A00%3A00.0000000Z" },
    };

    [Theory]
    [MemberData(nameof(StartingPoints), DisableDiscoveryEnumeration = true)]
    public async Task SubscribeAsync_StartingPoint_StandsInTheQueryUntilACursorIsKnown(StartingPoint start, string expected)
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("503 Busy"), exchange => exchange.OpenAsync("1-a"), exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = ["a/ä &"], Patterns = ["b/*"], Start = start });

        var refused = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(refused.Delay);
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);

        const string Selectors = "/hub/events?format=json&topic=a%2F%C3%A4%20%26&pattern=b%2F%2A";
        Assert.Equal([Selectors + expected, Selectors + expected, Selectors], hub.Requests.Select(static request => request.Target));
        Assert.False(hub.Requests[1].Headers.ContainsKey("Last-Event-ID"));
        Assert.Equal("1-a", hub.Requests[2].Headers["Last-Event-ID"]);
    }

    [Fact]
    public async Task SubscribeAsync_MoreTopicsThanAQueryTakes_GoInABody()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadBodyAsync(exchange.Stopped);
            await exchange.OpenAsync("1-a");
        });
        var topics = Enumerable.Range(0, 101).Select(static i => i.ToString(CultureInfo.InvariantCulture)).ToArray();
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = topics, Patterns = ["p/**"], Start = StartingPoint.Last(3) });

        await subscriber.NextAsync<ConnectedNotice>();

        var request = hub.Requests[0];
        Assert.Equal(("POST", "/hub/subscribe", "application/json"), (request.Method, request.Target, request.Headers["Content-Type"]));
        Assert.Equal($"{{\"format\":\"json\",\"topics\":[{string.Join(',', topics.Select(static t => $"\"{t}\""))}],\"patterns\":[\"p/**\"],\"last\":3}}", request.Body);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(101)] // In a body.
    public async Task SubscribeAsync_LatestAndBatch_AreAskedForWithEveryConnection(int count)
    {
        async Task AnswerAsync(FakeExchange exchange)
        {
            if (count > 1)
            {
                await exchange.Request.ReadBodyAsync(exchange.Stopped);
            }

            await exchange.OpenAsync("1-a");
        }

        await using var hub = new FakeHub(AnswerAsync, AnswerAsync);
        var topics = Enumerable.Repeat("a", count).ToArray();
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = topics, Latest = true, Batch = TimeSpan.FromMilliseconds(1_500.2) });

        await subscriber.NextAsync<ConnectedNotice>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);

        Assert.All(hub.Requests, request => Assert.EndsWith(
            count == 1 ? "&topic=a&latest&batch=1501ms" : "\"patterns\":[],\"latest\":true,\"batch\":\"1501ms\"}", count == 1 ? request.Target : request.Body, StringComparison.Ordinal));
        Assert.Equal(2, hub.Requests.Length);
    }

    [Fact]
    public void SubscribeAsync_OptionsThatMakeNoSense_AreRefusedAtOnce()
    {
        using var client = new SpillwayClient(new Uri("http://127.0.0.1:1"));

        Assert.Throws<ArgumentException>(() => client.SubscribeAsync(new SubscribeOptions(), TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => client.SubscribeAsync(new SubscribeOptions { Topics = ["a"], MaxEventBytes = 1 }, TestContext.Current.CancellationToken));
        foreach (var milliseconds in (int[])[0, 9, 60_001])
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                () => client.SubscribeAsync(new SubscribeOptions { Topics = ["a"], Batch = TimeSpan.FromMilliseconds(milliseconds) }, TestContext.Current.CancellationToken));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => StartingPoint.Last(0));
        Assert.Throws<ArgumentException>(() => new SpillwayClient(new Uri("ftp://127.0.0.1")));
    }

    [Fact]
    public async Task GetAsyncEnumerator_ReadASecondTime_GoesOnBehindTheLastItem()
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b");
                await exchange.EventAsync("1-c");
                await exchange.UntilClosedAsync();
            },
            exchange => exchange.OpenAsync("1-b"));
        using var client = new SpillwayClient(hub.Address);
        var reader = client.SubscribeAsync(new SubscribeOptions { Topics = ["a"] }, TestContext.Current.CancellationToken);

        await foreach (var item in reader)
        {
            if (item is ReceivedEvent)
            {
                await Assert.ThrowsAsync<InvalidOperationException>(async () => await reader.GetAsyncEnumerator(TestContext.Current.CancellationToken).MoveNextAsync());
                break;
            }
        }

        var state = reader.State;
        await foreach (var item in reader)
        {
            Assert.IsType<ConnectedNotice>(item);
            break;
        }

        Assert.Equal((ReaderState.Idle, "1-b"), (state, hub.Requests[1].Headers["Last-Event-ID"]));
    }

    [Fact]
    public async Task GetAsyncEnumerator_Cancelled_EndsTheRead()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.UntilClosedAsync();
        });
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var client = new SpillwayClient(hub.Address);
        await using var items = client.SubscribeAsync(new SubscribeOptions { Topics = ["a"] }, TestContext.Current.CancellationToken).GetAsyncEnumerator(cancel.Token);
        await items.MoveNextAsync();

        var next = items.MoveNextAsync();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }
}
