using System.Text;
using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class RawPublishTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishRawAsync_EveryField_TravelsInItsHeader()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadBodyAsync(exchange.Stopped);
            await exchange.AnswerAsync("200 OK", "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\"}");
        });
        using var client = new SpillwayClient(hub.Address);

        var receipt = await client.PublishRawAsync(
            new OutgoingEvent
            {
                Topic = "https://example.com/é/end",
                Alternates = ["b", "c"],
                Type = "alert",
                Text = "{ }",
                ContentType = "application/json; charset=utf-8",
                Key = "k",
                Priority = OutgoingPriority.Critical,
                Ttl = TimeSpan.FromMinutes(1.5),
                Private = true,
                Final = true,
                Id = "own-1",
                TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            },
            Stop);

        var request = hub.Requests[0];
        Assert.Equal("1-b", receipt.Cursor);
        Assert.Equal(("POST", "/hub/topics/https%3A%2F%2Fexample.com%2F%C3%A9%2Fend", "{ }"), (request.Method, request.Target, request.Body));
        string[] names =
        [
            "Spillway-Alternate", "Spillway-Type", "Content-Type", "Spillway-Key", "Spillway-Priority", "Spillway-Ttl", "Spillway-Private", "Spillway-Final", "Idempotency-Key", "traceparent",
        ];
        Assert.Equal(
            ["b, c", "alert", "application/json; charset=utf-8", "k", "critical", "90000ms", "true", "true", "own-1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
            names.Select(name => request.Headers[name]));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("x", "text/plain; charset=utf-8")]
    [InlineData("\u00ff", "application/octet-stream")]
    public async Task PublishRawAsync_OnlyAPayload_SendsItsTypeAndAnId(string payload, string? expected)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadBodyAsync(exchange.Stopped);
            await exchange.AnswerAsync("200 OK", "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\"}");
        });
        using var client = new SpillwayClient(hub.Address);

        await client.PublishRawAsync(new OutgoingEvent { Topic = "a", Payload = Encoding.Latin1.GetBytes(payload) }, Stop);

        var headers = hub.Requests[0].Headers;
        Assert.Equal(expected, headers.GetValueOrDefault("Content-Type"));
        Assert.Equal(["Content-Length", "Host", "Idempotency-Key", "Spillway-Client"], headers.Keys.Where(static name => name != "Content-Type").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(".", "t", "text/plain", "URL")]
    [InlineData("..", "t", "text/plain", "URL")]
    [InlineData("a", "é", "text/plain", "Spillway-Type")]
    [InlineData("a", "t\r\nX: y", "text/plain", "Spillway-Type")]
    [InlineData("a", " t", "text/plain", "Spillway-Type")]
    [InlineData("a", "t", "text", "content type")]
    public async Task PublishRawAsync_FieldThatCannotStandThere_IsRefused(string topic, string type, string contentType, string expected)
    {
        using var client = new SpillwayClient(new Uri("http://127.0.0.1:1"));

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() =>
            client.PublishRawAsync(new OutgoingEvent { Topic = topic, Type = type, ContentType = contentType }, Stop));

        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_Commit_IsAskedForInEveryRequest()
    {
        await using var hub = new FakeHub(TakeAsync, TakeAsync, TakeStreamAsync, TakeAsync);
        using var client = new SpillwayClient(new SpillwayClientOptions { BaseAddress = hub.Address, Commit = Spillway.Client.CommitLevel.Memory });
        var source = new OutgoingEvent { Topic = "a é", Text = "x" };
        using var lines = new MemoryStream("{\"topic\":\"a\"}"u8.ToArray());

        await client.PublishAsync(source, Stop);
        await client.PublishRawAsync(source, Stop);
        await client.PublishStreamAsync(lines, Stop);
        await client.EndTopicAsync("a", Stop);

        Assert.Equal(
            ["/hub/events?commit=memory", "/hub/topics/a%20%C3%A9?commit=memory", "/hub/events?commit=memory", "/hub/topics/a/end?commit=memory"],
            hub.Requests.Select(static request => request.Target));

        static async Task TakeAsync(FakeExchange exchange)
        {
            await exchange.Request.ReadBodyAsync(exchange.Stopped);
            await exchange.AnswerAsync("202 Accepted", "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\"}");
        }

        static async Task TakeStreamAsync(FakeExchange exchange)
        {
            while (await exchange.Request.ReadChunkAsync(exchange.Stopped) != "")
            {
            }

            await exchange.AnswerAsync("202 Accepted", "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\",\"errors\":[]}");
        }
    }
}
