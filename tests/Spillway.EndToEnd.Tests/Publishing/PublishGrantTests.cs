using Spillway.Access;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Publishing;

/// <summary>Every way in needs a grant for every topic of an event, before anything is added.</summary>
public sealed class PublishGrantTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _clock = new();
    private PublishHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await PublishHost.StartAsync(clock: _clock);
        _host.Ticket = Ticket("ann", "jobs/*", "log");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("""{"topic":"jobs/1"}""", null)]
    [InlineData("""{"topic":"jobs/1","alternates":["log","jobs/2"]}""", null)]
    [InlineData("""{"topic":"jobs"}""", "topic")]
    [InlineData("""{"topic":"jobs/1/2"}""", "topic")]
    [InlineData("""{"topic":"other","alternates":["log"]}""", "topic")]
    [InlineData("""{"topic":"log","alternates":["jobs/2","other"]}""", "alternates[1]")]
    public async Task PostEvents_OneEvent_NeedsAGrantForEachTopic(string json, string? field)
    {
        var response = await _host.PostJsonAsync(json);

        Assert.Equal(field is null ? (200, null, null) : (403, "not-granted", field), (response.Status, response.Problem, response.Field));
        Assert.Equal(field is null ? 1 : 0, _host.Sink.Records.Count);
        Assert.Equal(field is null ? 0 : 1, _host.Metrics.Sum("spillway.access.refused_requests", "not-granted"));
        Assert.Equal(field is null ? 0 : 1, _host.Metrics.Sum("spillway.ingress.refused_events", "not-granted"));
    }

    [Fact]
    public async Task PostEvents_Array_IsRefusedAsAWholeByIndex()
    {
        var response = await _host.PostJsonAsync("""[{"topic":"jobs/1"},{"topic":"other"},{"topic":"log"}]""");

        Assert.Equal((403, "not-granted", "topic", "other", 1), (response.Status, response.Problem, response.Field, response.Text("value"), response.Body.GetProperty("index").GetInt32()));
        Assert.Empty(_host.Sink.Records);
    }

    [Fact]
    public async Task PostEvents_Lines_AreRefusedByThemselves()
    {
        var response = await _host.PostLinesAsync("""
            {"topic":"jobs/1","payload":1}
            {"topic":"other","payload":2}
            {"topic":"log","payload":3,"alternates":["other"]}
            {"topic":"log","payload":4}
            """);

        Assert.Equal((200, 2), (response.Status, response.Accepted));
        Assert.Equal([(2, 403, "topic"), (3, 403, "alternates[0]")], response.Errors);
        Assert.Equal(["1", "4"], _host.Sink.Payloads);
        Assert.Equal(2, _host.Metrics.Sum("spillway.access.refused_requests", "not-granted"));
    }

    [Theory]
    [InlineData("/topics/jobs%2F1", null, 200)]
    [InlineData("/topics/other", null, 403)]
    [InlineData("/topics/log", "other", 403)]
    [InlineData("/topics/log/end", null, 200)]
    [InlineData("/topics/other/end", null, 403)]
    public async Task PostTopic_EventOrEnd_NeedsAGrant(string path, string? alternate, int status)
    {
        var response = await _host.PostAsync(path, [], null, alternate is null ? [] : [("Spillway-Alternate", alternate)]);

        Assert.Equal((status, status == 200 ? 1 : 0), (response.Status, _host.History.Records.Count));
        Assert.Equal(status == 200 ? null : alternate is null ? "topic" : "Spillway-Alternate", response.Field);
    }

    [Fact]
    public async Task Post_TopicThatHasEndedAndIsNotGranted_DoesNotTellThatItHas()
    {
        await _host.PostAsync("/topics/log/end", [], null);
        _host.Ticket = Ticket("bob", "jobs/*");

        var response = await _host.PostJsonAsync("""{"topic":"log"}""");

        Assert.Equal((403, "not-granted"), (response.Status, response.Problem));
    }

    [Fact]
    public async Task Post_IdOfAnotherSubject_IsANewEvent()
    {
        var first = await _host.PostJsonAsync("""{"topic":"log","payload":1,"id":"x"}""");
        var repeat = await _host.PostJsonAsync("""{"topic":"log","payload":1,"id":"x"}""");
        _host.Ticket = Ticket("bob", "**");
        var others = await _host.PostJsonAsync("""{"topic":"log","payload":2,"id":"x"}""");
        _host.Ticket = AccessTicket.Everything;
        var nobodys = await _host.PostJsonAsync("""{"topic":"log","payload":3,"id":"x"}""");
        _host.Ticket = Ticket("ann", "log");
        var reused = await _host.PostJsonAsync("""{"topic":"log","payload":4,"id":"x"}""");

        Assert.Equal((1, 0), (first.Accepted, first.Duplicates));
        Assert.Equal((0, 1, first.Cursor), (repeat.Accepted, repeat.Duplicates, repeat.Cursor));
        Assert.Equal((1, 1), (others.Accepted, nobodys.Accepted));
        Assert.Equal((422, "x"), (reused.Status, reused.Text("value")));
        Assert.Equal(["1", "2", "3"], _host.Sink.Payloads);
    }

    [Fact]
    public async Task Post_RepeatOfWhatIsNotGrantedAnyMore_IsRefused()
    {
        await _host.PostJsonAsync("""{"topic":"log","payload":1,"id":"x"}""");
        _host.Ticket = Ticket("ann", "jobs/*");

        Assert.Equal(403, (await _host.PostJsonAsync("""{"topic":"log","payload":1,"id":"x"}""")).Status);
    }

    [Fact]
    public async Task PostLines_CredentialExpiresMeanwhile_EndsThere()
    {
        _host.Ticket = new AccessTicket { Subject = "ann", Publish = Grants("**"), Expires = _clock.GetUtcNow().AddMinutes(1) };
        await using var request = await RawRequest.ConnectAsync(_host.Address);
        await request.SendHeadAsync("POST /hub/events HTTP/1.1", "Content-Type: application/x-ndjson", "Transfer-Encoding: chunked");
        await request.SendChunkAsync("{\"topic\":\"a\",\"payload\":1}\n"u8);
        await _host.Sink.WaitForRoundAsync(TestContext.Current.CancellationToken);

        _clock.Advance(TimeSpan.FromMinutes(1));
        await request.SendChunkAsync("{\"topic\":\"a\",\"payload\":2}\n"u8);
        var response = await request.ReadAsync();

        Assert.Equal((200, 1), (response.Status, response.Accepted));
        Assert.Equal([(2, 401, null)], response.Errors);
        Assert.Equal(["1"], _host.Sink.Payloads);
        Assert.Equal(1, _host.Metrics.Sum("spillway.access.refused_requests", "expired"));
    }

    private static AccessTicket Ticket(string subject, params string[] publish) => new() { Issuer = "i", Subject = subject, Publish = Grants(publish) };

    private static GrantSet Grants(params string[] texts) => GrantSet.TryCreate(texts, 10, out var grants, out var fault) ? grants : throw new ArgumentException(fault);
}
