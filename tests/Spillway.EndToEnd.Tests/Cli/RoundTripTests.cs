using System.Text;
using Microsoft.AspNetCore.Builder;
using Spillway.Cli.Serve;
using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Cli;

public sealed class RoundTripTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string?, byte[], Transport> Payloads => [.. Sources.SelectMany(static source =>
        Enum.GetValues<Transport>().Select(transport => new TheoryDataRow<string?, byte[], Transport>(source.ContentType, source.Payload, transport)))];

    private static (string? ContentType, byte[] Payload)[] Sources =>
    [
        (null, []),
        (null, Encoding.UTF8.GetBytes("text \"é\" \\ \0 \r\n\r \n\u2028 😀")),
        (null, [0, 0xFF, 0xFE, 0x0A]),
        ("text/plain", Encoding.UTF8.GetBytes("\n")),
        ("application/json", Encoding.UTF8.GetBytes("{\"a\": [1.50, 1e3, \"\\u00e9\", null]}")),
        ("application/json", Encoding.UTF8.GetBytes("\"a string\"")),
        ("application/problem+json; charset=utf-8", Encoding.UTF8.GetBytes("{}")),
        ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    ];

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task Event_PublishedEveryWay_ArrivesAsTheSameBytes(string? contentType, byte[] payload, Transport transport)
    {
        await using var hub = await StartAsync();
        using var client = new SpillwayClient(new Uri(hub.Urls.First()));
        await using var items = client.SubscribeAsync(new SubscribeOptions { Topics = ["a/é"], Transport = transport }, Stop).GetAsyncEnumerator(Stop);
        await items.MoveNextAsync();
        Assert.IsType<ConnectedNotice>(items.Current);
        var source = new OutgoingEvent { Topic = "a/é", Type = "t", Payload = payload, ContentType = contentType, Key = "k", TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };

        var one = await client.PublishAsync(source, Stop);
        var raw = await client.PublishRawAsync(source, Stop);
        var stream = await client.PublishStreamAsync(Once(source), Stop);

        foreach (var cursor in (string[])[one.Cursor, raw.Cursor, stream.Cursor])
        {
            await items.MoveNextAsync();
            var received = Assert.IsType<ReceivedEvent>(items.Current);
            Assert.Equal((cursor, "a/é", "t", "k", source.TraceParent), (received.Cursor, received.Topic, received.Type, received.Key, received.TraceParent));
            Assert.Equal(payload, received.Payload.ToArray());
            if (contentType is not null)
            {
                Assert.Equal(contentType, received.ContentType);
            }
        }
    }

    [Theory]
    [InlineData("{\r\n  \"spread\": [1,\n2]\n}\n", "{  \"spread\": [1,2]}", Transport.Sse)]
    [InlineData("{\r\n  \"spread\": [1,\n2]\n}\n", "{  \"spread\": [1,2]}", Transport.LongPolling)]
    [InlineData("{\r\n  \"spread\": [1,\n2]\n}\n", "{\r\n  \"spread\": [1,\n2]\n}\n", Transport.WebSocket)]
    [InlineData("{\"cut\":", "\"{\\\"cut\\\":\"", Transport.Sse)]
    [InlineData("{\"cut\":", "{\"cut\":", Transport.WebSocket)]
    public async Task Event_JsonThatCannotStandInTheStream_ArrivesAsDocumented(string payload, string expected, Transport transport)
    {
        await using var hub = await StartAsync();
        using var client = new SpillwayClient(new Uri(hub.Urls.First()));
        await using var items = client.SubscribeAsync(new SubscribeOptions { Topics = ["a"], Transport = transport }, Stop).GetAsyncEnumerator(Stop);
        await items.MoveNextAsync();

        await client.PublishAsync(new OutgoingEvent { Topic = "a", Text = payload, ContentType = "application/json" }, Stop);
        await items.MoveNextAsync();

        Assert.Equal(expected, Assert.IsType<ReceivedEvent>(items.Current).Text);
    }

    [Fact]
    public async Task PublishAsync_SameIdAgain_AddsNothing()
    {
        await using var hub = await StartAsync();
        using var client = new SpillwayClient(new Uri(hub.Urls.First()));
        var source = new OutgoingEvent { Topic = "a", Id = "own", Text = "x" };

        var first = await client.PublishAsync(source, Stop);
        var again = await client.PublishAsync(source, Stop);
        var raw = await client.PublishRawAsync(source, Stop);
        var other = await Assert.ThrowsAsync<SpillwayException>(() => client.PublishAsync(source with { Text = "y" }, Stop));

        Assert.Equal(new PublishReceipt(1, 0, first.Cursor), first);
        Assert.Equal(new PublishReceipt(0, 1, first.Cursor), again);
        Assert.Equal((422, "urn:spillway:problem:id-reused"), (other.Status, other.ProblemType));
        Assert.Equal(first.Cursor, raw.Cursor);
    }

    [Theory]
    [InlineData(Transport.Sse)]
    [InlineData(Transport.WebSocket)]
    [InlineData(Transport.LongPolling)]
    public async Task PublishAsync_MoreThanABatch_ArrivesInOrder(Transport transport)
    {
        await using var hub = await StartAsync();
        using var client = new SpillwayClient(new Uri(hub.Urls.First()));
        await using var items = client.SubscribeAsync(new SubscribeOptions { Patterns = ["**"], Transport = transport }, Stop).GetAsyncEnumerator(Stop);
        await items.MoveNextAsync();

        var receipt = await client.PublishAsync([.. Enumerable.Range(0, 2_500).Select(static i => new OutgoingEvent { Topic = $"t/{i % 10}", Text = $"{i}" })], Stop);

        Assert.Equal((2_500, 0), (receipt.Accepted, receipt.Duplicates));
        for (var i = 0; i < 2_500; i++)
        {
            do
            {
                await items.MoveNextAsync();
            }
            while (items.Current is SlowNotice); // A busy machine may not let it read for as long as the burst lasts.

            Assert.Equal($"{i}", Assert.IsType<ReceivedEvent>(items.Current).Text);
        }

        Assert.Equal(receipt.Cursor, items.Current.Cursor);
    }

    [Theory]
    [InlineData(Transport.Sse)]
    [InlineData(Transport.LongPolling)]
    public async Task SubscribeAsync_MoreTopicsThanAQueryTakes_GetsThemByABody(Transport transport)
    {
        await using var hub = await StartAsync();
        using var client = new SpillwayClient(new Uri(hub.Urls.First()));
        var topics = Enumerable.Range(0, 900).Select(static i => $"topic/{i}").ToArray();
        await using var items = client.SubscribeAsync(new SubscribeOptions { Topics = topics, Start = StartingPoint.Last(5), Transport = transport }, Stop).GetAsyncEnumerator(Stop);
        await items.MoveNextAsync();

        await client.PublishAsync(new OutgoingEvent { Topic = "topic/900" }, Stop);
        await client.PublishAsync(new OutgoingEvent { Topic = "topic/899" }, Stop);
        await items.MoveNextAsync();

        Assert.Equal("topic/899", Assert.IsType<ReceivedEvent>(items.Current).Topic);
    }

    [Theory]
    [InlineData(Transport.Sse)]
    [InlineData(Transport.WebSocket)]
    [InlineData(Transport.LongPolling)]
    public async Task EndTopicAsync_AllTopicsOfASubscription_EndsIt(Transport transport)
    {
        await using var hub = await StartAsync();
        using var client = new SpillwayClient(new Uri(hub.Urls.First()));
        var live = client.SubscribeAsync(new SubscribeOptions { Topics = ["a", "b"], Transport = transport }, Stop);
        await using var items = live.GetAsyncEnumerator(Stop);
        await items.MoveNextAsync();

        await client.PublishAsync(new OutgoingEvent { Topic = "a", Text = "last", Final = true }, Stop);
        await client.EndTopicAsync("b", Stop);
        await items.MoveNextAsync();
        var last = Assert.IsType<ReceivedEvent>(items.Current);
        await items.MoveNextAsync();
        Assert.IsType<EndedNotice>(items.Current);
        Assert.False(await items.MoveNextAsync());

        // Behind the last event nothing follows: 204, but for a WebSocket, which opens to say so.
        var late = client.SubscribeAsync(new SubscribeOptions { Topics = ["a", "b"], Start = StartingPoint.After(live.Cursor), Transport = transport }, Stop);
        await foreach (var item in late)
        {
            Assert.True(item is EndedNotice || (item is ConnectedNotice && transport == Transport.WebSocket), item.ToString());
        }

        Assert.Equal(("last", ReaderState.Ended), (last.Text, late.State));
    }

    private static async Task<WebApplication> StartAsync()
    {
        var app = ServeApp.Build(SettingsReader.Read(
            new Dictionary<string, string>(), null, new Dictionary<string, string?> { [SettingsReader.UrlsKey] = "http://127.0.0.1:0", [SettingsReader.LogLevelKey] = "warning" }));
        await app.StartAsync(Stop);
        return app;
    }

    private static async IAsyncEnumerable<OutgoingEvent> Once(OutgoingEvent source)
    {
        yield return source;
        await Task.CompletedTask;
    }
}
