using System.Text.Json;
using Spillway.Client;
using Spillway.TestKit;

namespace Spillway.Tests.Client;

public sealed class PublishTests
{
    private const string Committed = "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\"}";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _clock = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishAsync_OneEvent_GoesOutWithAnIdAndReturnsTheReceipt()
    {
        await using var hub = new FakeHub(Answer("200 OK", Committed));
        using var client = Client(hub);

        var receipt = await client.PublishAsync(new OutgoingEvent { Topic = "a", Text = "hello" }, Stop);

        var request = hub.Requests[0];
        Assert.Equal(new PublishReceipt(1, 0, "1-b"), receipt);
        Assert.Equal(("POST", "/hub/events", "application/json"), (request.Method, request.Target, request.Headers["Content-Type"]));
        Assert.Matches("""^\[\{"topic":"a","id":"[0-9a-f]{32}","payload":"hello"\}\]$""", request.Body);
        Assert.StartsWith("dotnet/", request.Headers["Spillway-Client"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_ConnectionLostBeforeTheAnswer_SendsTheSameIdAgain()
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.Request.ReadBodyAsync(exchange.Stopped);
                exchange.Reset();
            },
            Answer("503 Busy", "", "Retry-After: 4\r\n"),
            Answer("200 OK", "{\"accepted\":0,\"duplicates\":1,\"cursor\":\"1-b\"}"));
        using var client = Client(hub);

        var publishing = client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop);
        await WaitAsync(TimeSpan.FromSeconds(0.5)); // the middle of 1 s
        await WaitAsync(TimeSpan.FromSeconds(4 + 1)); // as told, and the middle of 2 s
        var receipt = await publishing.WaitAsync(Patience, Stop);

        Assert.Equal(new PublishReceipt(0, 1, "1-b"), receipt);
        Assert.Single(hub.Requests.Select(static request => request.Body).Distinct());
    }

    [Fact]
    public async Task PublishAsync_HubStaysAway_GivesUpAfterTheAttemptsThatAreAllowed()
    {
        await using var hub = new FakeHub(Answer("502 Bad Gateway"), Answer("504 Gateway Timeout"), Problem("503 Busy", "overloaded", "Full."));
        using var client = Client(hub, new SpillwayClientOptions { PublishAttempts = 3 });

        var publishing = client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop);
        await WaitAsync(TimeSpan.FromSeconds(0.5));
        await WaitAsync(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<SpillwayException>(() => publishing.WaitAsync(Patience, Stop));

        Assert.Equal((503, "urn:spillway:problem:overloaded", "Full."), (failure.Status, failure.ProblemType, failure.Detail));
        Assert.Equal(3, hub.Requests.Length);
    }

    [Fact]
    public async Task PublishAsync_NoAnswerInTime_TriesAgain()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(
            exchange =>
            {
                asked.SetResult();
                return exchange.UntilClosedAsync();
            },
            Answer("200 OK", Committed));
        using var client = Client(hub);

        var publishing = client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop);
        await asked.Task.WaitAsync(Patience, Stop);
        await WaitAsync(TimeSpan.FromSeconds(30));
        await WaitAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(1, (await publishing.WaitAsync(Patience, Stop)).Accepted);
    }

    [Fact]
    public async Task PublishAsync_RefusedForGood_ThrowsAtOnce()
    {
        await using var hub = new FakeHub(Problem("409 Conflict", "topic-ended", "It has ended."));
        using var client = Client(hub);

        var failure = await Assert.ThrowsAsync<SpillwayException>(() => client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop));

        Assert.Equal((409, "urn:spillway:problem:topic-ended", "It has ended.", 0), (failure.Status, failure.ProblemType, failure.Detail, failure.CommittedEvents));
    }

    [Fact]
    public async Task PublishAsync_MoreEventsThanABatchTakes_AreSplit()
    {
        await using var hub = new FakeHub(
            Answer("200 OK", "{\"accepted\":2,\"duplicates\":0,\"cursor\":\"1-b\"}"),
            Answer("200 OK", "{\"accepted\":1,\"duplicates\":1,\"cursor\":\"1-c\"}"),
            Answer("200 OK", "{\"accepted\":0,\"duplicates\":1}"));
        using var client = Client(hub, new SpillwayClientOptions { MaxBatchEvents = 2 });

        var receipt = await client.PublishAsync([.. Enumerable.Range(0, 5).Select(static i => new OutgoingEvent { Topic = $"t{i}" })], Stop);

        Assert.Equal(new PublishReceipt(3, 2, "1-c"), receipt);
        Assert.Equal(["t0 t1", "t2 t3", "t4"], hub.Requests.Select(Topics));
    }

    [Fact]
    public async Task PublishAsync_MoreBytesThanABatchTakes_AreSplit()
    {
        await using var hub = new FakeHub(Answer("200 OK", Committed), Answer("200 OK", Committed), Answer("200 OK", Committed));
        using var client = Client(hub, new SpillwayClientOptions { MaxBatchBytes = 400 });
        int[] sizes = [100, 100, 1_000, 10]; // 72 bytes around each payload: two fit, then one that is too long alone, and the rest.

        await client.PublishAsync([.. sizes.Select(static (size, i) => new OutgoingEvent { Topic = $"t{i}", Text = new string('x', size) })], Stop);

        Assert.Equal(["t0 t1", "t2", "t3"], hub.Requests.Select(Topics));
        Assert.True(hub.Requests[0].Body.Length <= 400);
    }

    [Fact]
    public async Task PublishAsync_LaterBatchRefused_SaysWhatWentBefore()
    {
        await using var hub = new FakeHub(Answer("200 OK", "{\"accepted\":2,\"duplicates\":0,\"cursor\":\"1-b\"}"), Problem("400 Bad Request", "invalid-event", "No."));
        using var client = Client(hub, new SpillwayClientOptions { MaxBatchEvents = 2 });

        var failure = await Assert.ThrowsAsync<SpillwayException>(() =>
            client.PublishAsync([.. Enumerable.Repeat(new OutgoingEvent { Topic = "a" }, 3)], Stop));

        Assert.Equal((400, 2), (failure.Status, failure.CommittedEvents));
    }

    [Fact]
    public async Task PublishAsync_NoEvents_AsksNobody()
    {
        await using var hub = new FakeHub();
        using var client = Client(hub);

        Assert.Equal(new PublishReceipt(0, 0, ""), await client.PublishAsync([], Stop));
    }

    [Fact]
    public async Task EndTopicAsync_Topic_ReturnsTheCursorOfItsEnd()
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", "{\"cursor\":\"1-z\"}"));
        using var client = Client(hub);

        Assert.Equal("1-z", await client.EndTopicAsync("a/b?", Stop));
        Assert.Equal(("POST", "/hub/topics/a%2Fb%3F/end"), (hub.Requests[0].Method, hub.Requests[0].Target));
    }

    [Fact]
    public async Task PublishAsync_AnswerThatIsNoReceipt_SaysSo()
    {
        await using var hub = new FakeHub(Answer("200 OK", "<html>"));
        using var client = Client(hub);

        var failure = await Assert.ThrowsAsync<SpillwayException>(() => client.PublishAsync(new OutgoingEvent { Topic = "a" }, Stop));

        Assert.Contains("not the JSON", failure.Message, StringComparison.Ordinal);
    }

    private static string Topics(FakeRequest request) =>
        string.Join(' ', JsonDocument.Parse(request.Body).RootElement.EnumerateArray().Select(static e => e.GetProperty("topic").GetString()));

    private static Func<FakeExchange, Task> Answer(string status, string body = "", string headers = "") => async exchange =>
    {
        await exchange.Request.ReadBodyAsync(exchange.Stopped);
        await exchange.AnswerAsync(status, body, headers);
    };

    private static Func<FakeExchange, Task> Problem(string status, string name, string detail) => async exchange =>
    {
        await exchange.Request.ReadBodyAsync(exchange.Stopped);
        await exchange.ProblemAsync(status, name, detail);
    };

    private SpillwayClient Client(FakeHub hub, SpillwayClientOptions? options = null) => new(new SpillwayClientOptions
    {
        BaseAddress = hub.Address,
        TimeProvider = _clock,
        NextRandom = static () => 0.5,
        PublishAttempts = options?.PublishAttempts ?? 5,
        MaxBatchEvents = options?.MaxBatchEvents ?? 1_000,
        MaxBatchBytes = options?.MaxBatchBytes ?? 1_000_000,
    });

    /// <summary>Lets the time pass that the client waits for.</summary>
    private async Task WaitAsync(TimeSpan time)
    {
        await _clock.WaitForTimerAsync(time, Stop);
        _clock.Advance(time);
    }
}
