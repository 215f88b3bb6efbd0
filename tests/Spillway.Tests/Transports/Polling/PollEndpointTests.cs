using System.IO.Pipelines;
using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.Transports.Sse;

namespace Spillway.Tests.Transports.Polling;

/// <summary>One poll without a server: what the hub is asked, and what becomes of its answer.</summary>
public sealed class PollEndpointTests
{
    [Fact]
    public async Task HandleAsync_NoStartingPoint_AnswersWithThePositionAndRunsNothing()
    {
        var subscription = new FakeSubscription();

        using var call = await PollAsync(subscription, "?topic=a");

        Assert.Equal((200, """{"entries":[],"cursor":"1zzz-5"}"""), (call.Response.StatusCode, call.Body));
        Assert.Equal(("application/json; charset=utf-8", "no-store", call.Body.Length), (call.Response.ContentType, call.Response.Headers.CacheControl.ToString(), (int)call.Response.ContentLength!));
        Assert.Equal((false, 1, 1d), (subscription.HasRun, subscription.Disposals, call.Answered("position")));
    }

    [Theory]
    [InlineData("", 25_000, 1_000)]
    [InlineData("&wait=0", 0, 1_000)]
    [InlineData("&wait=60&max=1", 60_000, 1)]
    [InlineData("&wait=1.5&max=1000", 1_500, 1_000)]
    [InlineData("&wait=250ms&format=raw", 250, 1_000)]
    public async Task HandleAsync_Bounds_ReachTheHub(string query, int wait, int max)
    {
        using var call = await PollAsync(new FakeSubscription { Reason = CloseReason.Answered }, "?topic=a&earliest" + query);

        var asked = call.Hub.Asked!;
        Assert.Equal((WireFormat.Poll, TimeSpan.FromMilliseconds(wait), new Room(max, 256 * 1024)), (asked.Format, asked.Poll!.Wait, asked.Poll.Room));
        Assert.True(call.TimeoutDisabled);
    }

    [Theory]
    [InlineData("""{"topics":["a"],"earliest":true,"wait":2,"max":3}""", 2_000, 3)]
    [InlineData("""{"topics":["a"],"earliest":true,"wait":"500ms","max":null}""", 500, 1_000)]
    public async Task HandleAsync_BoundsInABody_ReachTheHub(string body, int wait, int max)
    {
        using var call = new SubscribeCall("QUERY", "", body) { Hub = { Next = new FakeSubscription { Reason = CloseReason.Answered } } };
        call.RequestHeaders.Accept = "application/json";
        await call.ChooseAsync();

        Assert.Equal((TimeSpan.FromMilliseconds(wait), max), (call.Hub.Asked!.Poll!.Wait, call.Hub.Asked.Poll.Room.Events));
    }

    [Theory]
    [InlineData(",{}", false, "entries", """{"entries":[{}],"cursor":"1zzz-9"}""")]
    [InlineData(",{},{}", true, "more", """{"entries":[{},{}],"cursor":"1zzz-9","more":true}""")]
    [InlineData("", false, "empty", """{"entries":[],"cursor":"1zzz-9"}""")]
    public async Task HandleAsync_Answered_WritesEntriesAndCursor(string written, bool more, string result, string expected)
    {
        using var call = await PollAsync(new FakeSubscription
        {
            Reason = CloseReason.Answered,
            Written = written,
            Answer = poll => (poll.Cursor, poll.More) = (new Position(46_655, 9), more),
        });

        Assert.Equal((expected, 1d), (call.Body, call.Answered(result)));
    }

    [Theory]
    [InlineData(77, 77)]
    [InlineData(0, 3127)]
    public async Task HandleAsync_HubStops_SaysWhenToComeBack(int told, int expected)
    {
        using var call = await PollAsync(new FakeSubscription { Reason = CloseReason.Shutdown, Answer = poll => poll.Retry = told });

        Assert.Equal((200, expected, 1d), (call.Response.StatusCode, JsonElement.Parse(call.Body).GetProperty("retry").GetInt32(), call.Answered("drained")));
    }

    [Fact]
    public async Task HandleAsync_HubBreaks_IsAProblemAndNotHalfAnAnswer()
    {
        using var call = await PollAsync(new FakeSubscription { Reason = CloseReason.Failed, Written = ",{}" });

        Assert.Equal((503, "urn:spillway:problem:unavailable", "1"), (call.Response.StatusCode, call.Problem.GetProperty("type").GetString(), call.Response.Headers.RetryAfter.ToString()));
        Assert.Equal(1, call.Refused("unavailable"));
    }

    [Fact]
    public async Task HandleAsync_AllTopicsHaveEnded_IsNoContent()
    {
        using var call = await PollAsync(new FakeSubscription { Ended = true });

        Assert.Equal((204, "", "no-store", 1d), (call.Response.StatusCode, call.Body, call.Response.Headers.CacheControl.ToString(), call.Answered("ended")));
    }

    [Fact]
    public async Task HandleAsync_HubIsFull_SaysWhenToComeBack()
    {
        using var call = await PollAsync(null);

        Assert.Equal((503, "4", 1d), (call.Response.StatusCode, call.Response.Headers.RetryAfter.ToString(), call.Refused("full")));
    }

    [Fact]
    public async Task HandleAsync_AnswerIsNotTaken_ResetsTheConnection()
    {
        var subscription = new FakeSubscription { Reason = CloseReason.Answered, Written = "," + new string('1', 500) };
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 100, resumeWriterThreshold: 50));
        using var call = new SubscribeCall("GET", "?topic=a&earliest") { Hub = { Next = subscription } };
        call.RequestHeaders.Accept = "application/json";
        call.Response.Body = pipe.Writer.AsStream();

        var handling = call.ChooseAsync();
        await call.Time.WaitForTimerAsync(call.Options.Sse.WriteStall, TestContext.Current.CancellationToken);
        call.Time.Advance(call.Options.Sse.WriteStall);
        await handling;

        Assert.Equal((true, 1, 1d), (call.Aborted, subscription.Disposals, call.Refused("write-timeout")));
    }

    private static async Task<SubscribeCall> PollAsync(Subscription? subscription, string query = "?topic=a&earliest")
    {
        var call = new SubscribeCall("GET", query) { Hub = { Next = subscription } };
        call.RequestHeaders.Accept = "application/json";
        await call.ChooseAsync();
        return call;
    }
}
