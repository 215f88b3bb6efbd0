using System.Text;

namespace Spillway.EndToEnd.Tests.Publishing;

/// <summary>Every way in which a request to publish can be wrong: exact status, name and field, and nothing is added.</summary>
public sealed class BadRequestTests(BadRequestTests.Hub hub) : IClassFixture<BadRequestTests.Hub>
{
    public static TheoryData<string, int, string, string?> BadBodies => new()
    {
        { "", 400, "invalid-json", null },
        { "   ", 400, "invalid-json", null },
        { "[{\"topic\":\"a\"}", 400, "invalid-json", null },
        { "[{\"topic\":\"a\"},]", 400, "invalid-json", null },
        { "[[]]", 400, "invalid-event", "event" },
        { "[" + string.Join(',', Enumerable.Repeat("{\"topic\":\"a\"}", 11)) + "]", 413, "batch-too-large", null },
        { new string(' ', 8_193), 413, "body-too-large", null },
    };

    public static TheoryData<string, int, string, string?> BadEvents => new()
    {
        { "{", 400, "invalid-json", null },
        { "{\"topic\":\"a\"} {}", 400, "invalid-json", null },
        { "{\"topic\":\"a\"},", 400, "invalid-json", null },
        { "{\"topic\":\"a\",}", 400, "invalid-json", null },
        { "{'topic':'a'}", 400, "invalid-json", null },
        { "\ufeff{\"topic\":\"a\"}", 400, "invalid-json", null },
        { "{\"topic\":\"a\"} // comment", 400, "invalid-json", null },
        { "{\"topic\":\"a\",\"payload\":" + new string('[', 100) + new string(']', 100) + "}", 400, "invalid-json", null },
        { "topic=a&data=b", 400, "invalid-json", null },
        { "1", 400, "invalid-event", "event" },
        { "\"topic\"", 400, "invalid-event", "event" },
        { "{}", 400, "invalid-event", "topic" },
        { "{\"topic\":\"a\",\"ttI\":5}", 400, "invalid-event", "ttI" },
        { "{\"topic\":\"a\",\"topic\":\"b\"}", 400, "invalid-event", "topic" },
        { "{\"topic\":\"a\",\"type\":\"open\"}", 400, "invalid-event", "type" },
        { "{\"topic\":\"a\",\"type\":\"error\"}", 400, "invalid-event", "type" },
        { "{\"topic\":\"a\",\"type\":\"spillway-end\"}", 400, "invalid-event", "type" },
        { "{\"topic\":\"a\",\"type\":\"x\\nid: 1\"}", 400, "invalid-event", "type" },
        { "{\"topic\":\"a\",\"contentType\":\"a\\r\\nb\"}", 400, "invalid-event", "contentType" },
        { "{\"topic\":\"a\",\"key\":\"" + new string('k', 257) + "\"}", 400, "invalid-event", "key" },
        { "{\"topic\":\"a\",\"ttl\":0}", 400, "invalid-event", "ttl" },
        { "{\"topic\":\"a\",\"ttl\":\"366d\"}", 400, "invalid-event", "ttl" },
        { "{\"topic\":\"a\",\"priority\":\"urgent\"}", 400, "invalid-event", "priority" },
        { "{\"topic\":\"a\",\"id\":\"\"}", 400, "invalid-event", "id" },
        { "{\"topic\":\"a\",\"id\":\"a b\"}", 400, "invalid-event", "id" },
        { "{\"topic\":\"a\",\"payload\":1,\"payloadBase64\":\"\"}", 400, "invalid-event", "payloadBase64" },
        { "{\"topic\":\"a\",\"payloadBase64\":\"?\"}", 400, "invalid-event", "payloadBase64" },
        { "{\"topic\":\"\"}", 400, "invalid-topic", "topic" },
        { "{\"topic\":\"a/*\"}", 400, "invalid-topic", "topic" },
        { "{\"topic\":\"a\\u0000\"}", 400, "invalid-topic", "topic" },
        { "{\"topic\":\"" + new string('a', 513) + "\"}", 400, "invalid-topic", "topic" },
        { "{\"topic\":\"" + new string('/', 32) + "\"}", 400, "invalid-topic", "topic" },
        { "{\"topic\":\"a\",\"alternates\":[\"b\",\"**\"]}", 400, "invalid-topic", "alternates[1]" },
        { "{\"topic\":\"a\",\"payload\":\"" + new string('x', 2_048) + "\"}", 413, "event-too-large", null },
        { "{\"topic\":\"over\"}", 409, "topic-ended", "topic" },
        { "{\"topic\":\"a\",\"alternates\":[\"over\"]}", 409, "topic-ended", "topic" },
        { "{\"topic\":\"a\",\"payload\":2,\"id\":\"used\"}", 422, "id-reused", "id" },
    };

    public static TheoryData<string?, string?, string> BadTypes => new()
    {
        { null, null, "Content-Type" },
        { "text/plain", null, "Content-Type" },
        { "application/x-www-form-urlencoded", null, "Content-Type" },
        { "application/json; charset=utf-16", null, "Content-Type" },
        { "application/jsonl", null, "Content-Type" },
        { "application/json", "gzip", "Content-Encoding" },
        { "application/x-ndjson", "br", "Content-Encoding" },
    };

    public static TheoryData<string, string, string> BadHeaders => new()
    {
        { "Spillway-Ttll", "5", "Spillway-Ttll" },
        { "Spillway-Ttl", "soon", "Spillway-Ttl" },
        { "Spillway-Ttl", "0", "Spillway-Ttl" },
        { "Spillway-Ttl", "-Infinity", "Spillway-Ttl" },
        { "Spillway-Priority", "urgent", "Spillway-Priority" },
        { "Spillway-Private", "yes", "Spillway-Private" },
        { "Spillway-Final", "1", "Spillway-Final" },
        { "Spillway-Type", "open", "Spillway-Type" },
        { "Spillway-Id", "a b", "Spillway-Id" },
        { "Spillway-Key", new string('k', 257), "Spillway-Key" },
        { "Idempotency-Key", "\"open", "Idempotency-Key" },
    };

    public static TheoryData<string, int, string, string?> BadPaths => new()
    {
        { "/topics/", 400, "invalid-topic", "topic" },
        { "/topics", 400, "invalid-topic", "topic" },
        { "/topics//end", 400, "invalid-topic", "topic" },
        { "/topics/a%2", 400, "invalid-topic", "topic" },
        { "/topics/%FF", 400, "invalid-topic", "topic" },
        { "/topics/a/*", 400, "invalid-topic", "topic" },
        { "/topics/**/end", 400, "invalid-topic", "topic" },
        { "/topics/a%0D%0Ab", 400, "invalid-topic", "topic" },
        { "/topics/over", 409, "topic-ended", "topic" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    [MemberData(nameof(BadEvents))]
    public async Task PostEvents_BadJson_IsAProblemAndNothingIsAdded(string json, int status, string problem, string? field)
    {
        var response = await hub.Host.PostJsonAsync(json);

        AssertProblem(response, status, problem, field);
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \r\n\t")]
    public async Task PostEvents_EmptyBody_SaysWhatToSend(string body)
    {
        var response = await hub.Host.PostJsonAsync(body);

        AssertProblem(response, 400, "invalid-json", field: null);
        Assert.StartsWith("The body is empty; send an event", response.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadEvents))]
    public async Task PostEvents_BadLine_IsAnErrorInTheAnswer(string json, int status, string problem, string? field)
    {
        var response = await hub.Host.PostLinesAsync($"\n{json}\n");

        Assert.Equal((200, 0), (response.Status, response.Accepted));
        Assert.True((2, status, field) == Assert.Single(response.Errors), $"{problem}: {response}");
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    [Theory]
    [MemberData(nameof(BadEvents))]
    public async Task PostEvents_BadEventInAnArray_IsNamedByItsIndex(string json, int status, string problem, string? field)
    {
        var response = await hub.Host.PostJsonAsync($$"""[{"topic":"a"},{{json}},{"topic":"a"}]""");

        if (problem == "invalid-json")
        {
            Assert.Equal((400, "invalid-json"), (response.Status, response.Problem));
            return;
        }

        AssertProblem(response, status, problem, field);
        Assert.Equal(1, response.Body.GetProperty("index").GetInt32());
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    [Theory]
    [MemberData(nameof(BadTypes))]
    public async Task PostEvents_OtherMediaType_Is415AndNamesWhatIsTaken(string? contentType, string? encoding, string field)
    {
        var response = await hub.Host.PostAsync("/events", "{\"topic\":\"a\"}"u8.ToArray(), contentType, encoding is null ? [] : [("Content-Encoding", encoding)]);

        AssertProblem(response, 415, "unsupported-media-type", field);
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public async Task PostTopic_BadHeader_NamesIt(string name, string value, string field)
    {
        var response = await hub.Host.PostAsync("/topics/a", "x"u8.ToArray(), "text/plain", (name, value));

        AssertProblem(response, 400, "invalid-event", field);
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    [Theory]
    [MemberData(nameof(BadPaths))]
    public async Task PostTopic_BadPath_IsAProblem(string path, int status, string problem, string? field)
    {
        await using var request = await RawRequest.ConnectAsync(hub.Host.Address);
        await request.SendHeadAsync($"POST /hub{path} HTTP/1.1", "Content-Length: 0");

        var response = await request.ReadAsync();

        Assert.Equal((status, problem, field), (response.Status, response.Problem, response.Field));
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    [Fact]
    public async Task PostTopic_HeaderTwice_IsRefused()
    {
        await using var request = await RawRequest.ConnectAsync(hub.Host.Address);
        await request.SendHeadAsync("POST /hub/topics/a HTTP/1.1", "Content-Length: 0", "Spillway-Type: a", "Spillway-Type: b");

        var response = await request.ReadAsync();

        Assert.Equal((400, "invalid-event", "Spillway-Type"), (response.Status, response.Problem, response.Field));
    }

    [Fact]
    public async Task PostTopicEnd_WithABody_SaysHowToPublishToSuchATopic()
    {
        var response = await hub.Host.PostAsync("/topics/a/end", "x"u8.ToArray(), "text/plain");

        AssertProblem(response, 400, "invalid-parameter", "body");
        Assert.Contains("%2F", response.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/events", 8_193, "body-too-large", "Limits:BatchBytes", 8_192)]
    [InlineData("/topics/a", 1_025, "event-too-large", "Limits:EventBytes", 1_024)]
    [InlineData("/topics/a", 1_024, "event-too-large", "Limits:EventBytes", 1_024)] // With its topic it is more.
    public async Task Post_BodyBeyondTheLimit_NamesOptionAndValue(string path, int length, string problem, string option, int limit)
    {
        var body = Encoding.ASCII.GetBytes(new string(' ', length));
        var announced = await hub.Host.PostAsync(path, body, "application/json");
        await using var request = await RawRequest.ConnectAsync(hub.Host.Address);
        await request.SendHeadAsync($"POST /hub{path} HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked");
        await request.SendChunkAsync(body);
        await request.SendChunkAsync([]);
        var chunked = await request.ReadAsync();

        AssertProblem(announced, 413, problem, null);
        Assert.Equal((413, problem), (chunked.Status, chunked.Problem));
        Assert.All([announced, chunked], response => Assert.Equal((option, limit), (response.Text("option"), response.Body.GetProperty("limit").GetInt32())));
        Assert.Equal(2, hub.Host.Sink.Records.Count);
    }

    private static void AssertProblem(PublishResponse response, int status, string problem, string? field)
    {
        Assert.True((status, problem, field) == (response.Status, response.Problem, response.Field), response.ToString());
        Assert.Equal(("application/problem+json", status), (response.ContentType, response.Body.GetProperty("status").GetInt32()));
        Assert.All(["title", "detail"], member => Assert.NotEmpty(response.Text(member)!));
        Assert.True((response.Text("value") ?? "").Length <= 100);
    }

    public sealed class Hub : IAsyncLifetime
    {
        internal PublishHost Host { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Host = await PublishHost.StartAsync(static options =>
            {
                options.Limits.EventBytes = 1_024;
                options.Limits.BatchEvents = 10;
                options.Limits.BatchBytes = 8_192;
            });
            await Host.PostJsonAsync("""[{"topic":"over","final":true},{"topic":"a","payload":1,"id":"used"}]""");
        }

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
