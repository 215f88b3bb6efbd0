using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.Publishing;

public sealed class PublishTests : IAsyncLifetime
{
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private PublishHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await PublishHost.StartAsync(static options => options.Rules.Add(new TopicRule { Pattern = "volatile/**", History = false }));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task PostEvents_OneEvent_IsAnsweredWithItsCursor()
    {
        var response = await _host.PostJsonAsync("""{"topic":"a","type":"t","payload":{"x":1},"key":"k"}""", ("traceparent", Trace));

        var record = new EventRecord(Assert.Single(_host.Sink.Records));
        Assert.Equal((200, "application/json", 1, 0, new Position(7, 1).ToString()), (response.Status, response.ContentType, response.Accepted, response.Duplicates, response.Cursor));
        Assert.Equal(("a", "t", "{\"x\":1}", "application/json", "k", Trace), (Text(record.Topic), Text(record.Type), Text(record.Payload), Text(record.ContentType), Text(record.Key), Text(record.TraceParent)));
        Assert.Equal(1, _host.Metrics.Sum("spillway.ingress.accepted_events"));
    }

    [Fact]
    public async Task PostEvents_Array_IsOneBatchInOrder()
    {
        var response = await _host.PostJsonAsync(""" [ {"topic":"a","payload":1}, {"topic":"b","payload":2} , {"topic":"a","payload":3}] """);
        var none = await _host.PostJsonAsync("[]");

        Assert.Equal((3, new Position(7, 3).ToString()), (response.Accepted, response.Cursor));
        Assert.Equal((200, 0, 0, null), (none.Status, none.Accepted, none.Duplicates, none.Cursor));
        Assert.Equal(["1", "2", "3"], _host.Sink.Payloads);
        Assert.Equal(1, _host.Sink.Rounds);
    }

    [Fact]
    public async Task PostEvents_TraceParents_TheEventsOwnWinsAndAMalformedOneIsNone()
    {
        const string Own = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";

        await _host.PostJsonAsync($$"""[{"topic":"a","traceparent":"{{Own}}"},{"topic":"a","traceparent":"broken"},{"topic":"a"}]""", ("traceparent", Trace));
        await _host.PostJsonAsync("""{"topic":"a"}""", ("traceparent", "broken"));

        Assert.Equal([Own, "", Trace, ""], _host.Sink.Records.Select(static record => Text(new EventRecord(record).TraceParent)));
    }

    [Fact]
    public async Task PostTopic_BodyAndHeaders_AreTheEvent()
    {
        var payload = Enumerable.Range(0, 256).Select(static i => (byte)i).ToArray();

        var response = await _host.PostAsync(
            "/topics/sensors/caf%C3%A9%2F1",
            payload,
            "image/x-test; a=b",
            ("Spillway-Type", "t"),
            ("Spillway-Alternate", "b, c"),
            ("Spillway-Key", "k"),
            ("spillway-priority", "low"),
            ("Spillway-Ttl", "1.5h"),
            ("Spillway-Private", "true"),
            ("Spillway-Final", "false"),
            ("Spillway-Id", "own"),
            ("Idempotency-Key", "\"mine\""),
            ("Spillway-Client", "test/1"),
            ("traceparent", Trace));

        var record = new EventRecord(Assert.Single(_host.Sink.Records));
        var alternates = record.Alternates;
        Assert.Equal((200, 1), (response.Status, response.Accepted));
        Assert.True(alternates.MoveNext());
        Assert.Equal(("sensors/café/1", "b, c", "t", "image/x-test; a=b", "k", "mine", Trace), (Text(record.Topic), Text(alternates.Current), Text(record.Type), Text(record.ContentType), Text(record.Key), Text(record.Id), Text(record.TraceParent)));
        Assert.Equal((EventPriority.Low, 5_400_000, EventFlags.Private), (record.Priority, record.TtlMilliseconds, record.Flags & (EventFlags.Private | EventFlags.Final)));
        Assert.Equal(payload, record.Payload);
    }

    [Fact]
    public async Task PostTopic_NothingButATopic_IsAnEmptyEvent()
    {
        await _host.PostAsync("/topics/a", [], null);

        var record = new EventRecord(Assert.Single(_host.Sink.Records));
        Assert.Equal((0, 0, EventPriority.Normal), (record.Payload.Length, record.ContentType.Length, record.Priority));
    }

    [Fact]
    public async Task PostTopicEnd_ThenEvents_AreRefusedAndASecondEndIsTheSame()
    {
        await _host.PostAsync("/topics/a", "1"u8.ToArray(), null);
        var first = await _host.PostAsync("/topics/a/end", [], null);
        await _host.PostAsync("/topics/b", "2"u8.ToArray(), null);
        var again = await _host.PostAsync("/topics/a/end", [], null);
        var refused = await _host.PostAsync("/topics/a", "3"u8.ToArray(), null);
        var other = await _host.PostAsync("/topics/a%2Fend", "4"u8.ToArray(), null);

        Assert.Equal((200, new Position(7, 2).ToString()), (first.Status, first.Cursor));
        Assert.Equal(first.Body.GetRawText(), again.Body.GetRawText());
        Assert.Equal("cursor", Assert.Single(first.Body.EnumerateObject()).Name);
        Assert.Equal((409, "topic-ended"), (refused.Status, refused.Problem));
        Assert.Equal(200, other.Status);
        Assert.Equal(["1", "", "2", "4"], _host.Sink.Payloads);
    }

    [Fact]
    public async Task PostEvents_RetriedWithAnIdempotencyKey_IsAnsweredTheSame()
    {
        const string Batch = """[{"topic":"a","payload":1},{"topic":"a","payload":2,"id":"own"},{"topic":"a","payload":3}]""";

        var first = await _host.PostJsonAsync(Batch, ("Idempotency-Key", "k"));
        await _host.PostJsonAsync("""{"topic":"b"}""");
        var again = await _host.PostJsonAsync(Batch, ("Idempotency-Key", "k"));
        var lines = await _host.PostLinesAsync("\n{\"topic\":\"a\",\"payload\":1}\n\n{\"topic\":\"a\",\"payload\":2,\"id\":\"own\"}\n{\"topic\":\"a\",\"payload\":3}", ("Idempotency-Key", "k"));
        var single = await _host.PostJsonAsync("""{"topic":"a","payload":1}""", ("Idempotency-Key", "k/0"));
        var reused = await _host.PostJsonAsync("""[{"topic":"a","payload":"other"}]""", ("Idempotency-Key", "k"));

        Assert.Equal((3, 0), (first.Accepted, first.Duplicates));
        Assert.All([again, lines], response => Assert.Equal((0, 3, first.Cursor), (response.Accepted, response.Duplicates, response.Cursor)));
        Assert.Equal((0, 1, new Position(7, 1).ToString()), (single.Accepted, single.Duplicates, single.Cursor));
        Assert.Equal((422, "id-reused", 0), (reused.Status, reused.Problem, reused.Body.GetProperty("index").GetInt32()));
        Assert.Equal(4, _host.Sink.Records.Count);
        Assert.Equal(7, _host.Metrics.Sum("spillway.ingress.duplicate_events"));
    }

    [Fact]
    public async Task PostTopic_ConcurrentRetries_AddOneEvent()
    {
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.PostAsync("/topics/a", "1"u8.ToArray(), null, ("Idempotency-Key", "k"))));

        Assert.Single(_host.Sink.Records);
        Assert.Equal(1, responses.Sum(static response => response.Accepted));
        Assert.All(responses, static response => Assert.Equal(new Position(7, 1).ToString(), response.Cursor));
    }

    [Fact]
    public async Task PostEvents_EphemeralEvent_IsAnsweredWithThePositionItFollows()
    {
        await _host.PostJsonAsync("""{"topic":"a"}""");

        var response = await _host.PostJsonAsync("""{"topic":"volatile/a"}""");

        Assert.Equal((1, new Position(7, 1).ToString()), (response.Accepted, response.Cursor));
        Assert.Single(_host.History.Records);
        Assert.Equal(2, _host.Sink.Records.Count);
    }

    [Fact]
    public async Task PostEvents_ConcurrentPublishers_CursorsAreInTheOrderOfEvents()
    {
        var cursors = await Task.WhenAll(Enumerable.Range(0, 8).Select(async publisher =>
        {
            var own = new List<(string Payload, string? Cursor)>();
            for (var i = 0; i < 25; i++)
            {
                own.Add(($"\"{publisher}/{i}\"", (await _host.PostJsonAsync($$"""{"topic":"a","payload":["{{publisher}}/{{i}}"]}""")).Cursor));
            }

            return own;
        }));

        var byCursor = cursors.SelectMany(static own => own).ToDictionary(static pair => pair.Cursor!, static pair => $"[{pair.Payload}]");
        Assert.Equal(_host.Sink.Payloads, Enumerable.Range(1, 200).Select(offset => byCursor[new Position(7, offset).ToString()]));
        Assert.All(cursors, own => Assert.Equal(own.Select(static pair => $"[{pair.Payload}]"), _host.Sink.Payloads.Where(payload => own.Any(pair => $"[{pair.Payload}]" == payload))));
    }

    [Fact]
    public async Task PostEvents_OverHttp2_IsTheSame()
    {
        using var lines = new ByteArrayContent("{\"topic\":\"a\",\"payload\":1}\nbad\n{\"topic\":\"a\",\"payload\":2}"u8.ToArray());
        lines.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        using var body = new ByteArrayContent("3"u8.ToArray());

        using var stream = await _host.Http2Client.PostAsync("/hub/events", lines, Token);
        using var topic = await _host.Http2Client.PostAsync("/hub/topics/a%2Fb", body, Token);

        Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (stream.StatusCode, stream.Version));
        Assert.Equal((2, 400), (Assert.Single((await PublishResponse.ReadAsync(stream)).Errors).Line, 400));
        Assert.Equal(1, (await PublishResponse.ReadAsync(topic)).Accepted);
        Assert.Equal(["1", "2", "3"], _host.Sink.Payloads);
        Assert.Equal("a/b", Text(new EventRecord(_host.Sink.Records[2]).Topic));
    }

    [Fact]
    public async Task Post_HubIsOverloaded_Is503WithRetryAfter()
    {
        await using var host = await PublishHost.StartAsync(static options => options.Limits.IngressQueueBytes = 1_000);
        host.Sink.Hold();
        var inside = host.PostAsync("/topics/a", new byte[600], null);
        await host.Sink.WaitForRoundAsync(Token);

        var refused = await host.PostAsync("/topics/a", new byte[600], null);
        var lines = await host.PostLinesAsync($$"""{"topic":"a","payload":"{{new string('x', 600)}}"}""");
        host.Sink.Release();

        Assert.All([refused, lines], static response => Assert.Equal((503, "overloaded", TimeSpan.FromSeconds(1)), (response.Status, response.Problem, response.RetryAfter)));
        Assert.Equal(200, (await inside).Status);
        Assert.Equal(2, host.Metrics.Sum("spillway.ingress.refused_events", "overloaded"));
    }

    [Fact]
    public async Task Post_HubIsStopping_Is503()
    {
        await _host.Backplane.StopAsync(Token);

        var refused = await _host.PostJsonAsync("""{"topic":"a"}""");

        Assert.Equal((503, "shutting-down", true), (refused.Status, refused.Problem, refused.RetryAfter > TimeSpan.Zero));
    }

    [Theory]
    [InlineData(5, 503, "history-failed")]
    [InlineData(28, 507, "disk-full")]
    public async Task Post_HistoryFails_SaysThatTheOutcomeIsUnknown(int error, int status, string problem)
    {
        await using var host = await PublishHost.StartAsync();
        host.History.Fault = new IOException("The disk.", error);

        var refused = await host.PostJsonAsync("""{"topic":"a"}""");
        host.History.Fault = null;
        var retried = await host.PostJsonAsync("""{"topic":"a"}""");

        Assert.Equal((status, problem), (refused.Status, refused.Problem));
        Assert.Contains("not known", refused.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(200, retried.Status);
        Assert.Contains("The disk.", Assert.Single(host.Logs.TakeErrors()), StringComparison.Ordinal);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);
}
