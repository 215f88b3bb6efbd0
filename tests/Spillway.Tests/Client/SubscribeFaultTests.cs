using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class SubscribeFaultTests
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_503WithRetryAfter_ComesBackNoSooner(Transport transport)
    {
        await using var hub = new FakeHub(
            exchange => exchange.ProblemAsync("503 Busy", "overloaded", "Too many.", "Retry-After: 7\r\n"),
            exchange => exchange.AnswerAsync("429 Slow down", "", "Retry-After: Sat, 31 Jan 2026 08:01:07 GMT\r\n"),
            exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, transport);

        var first = await subscriber.NextAsync<DisconnectedNotice>();
        var second = await subscriber.NextAsync<DisconnectedNotice>(first.Delay);
        await subscriber.NextAsync<ConnectedNotice>(second.Delay);

        // Seven seconds as told, and on top the middle of 1 s after the first failure, of 2 s after the second.
        Assert.Equal((DisconnectReason.Refused, 1, TimeSpan.FromSeconds(7.5)), (first.Reason, first.Failures, first.Delay));
        Assert.Contains("Too many.", first.Detail, StringComparison.Ordinal);
        Assert.Equal((2, TimeSpan.FromSeconds(59.5 + 1)), (second.Failures, second.Delay));
        Assert.Equal(0, subscriber.Reader.Reconnects);
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_204_Ends(Transport transport)
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b");
            },
            exchange => exchange.SendAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
        await using var subscriber = new Subscriber(hub, transport);

        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        var ended = await subscriber.NextAsync<EndedNotice>(lost.Delay);

        Assert.Equal("1-b", ended.Cursor);
        await subscriber.EndsAsync();
        Assert.Equal(ReaderState.Ended, subscriber.Reader.State);
    }

    [Theory]
    [MemberData(nameof(Transports.Streams), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_AllTopicsEnded_EndsWithoutComingBack(Transport transport)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SignalAsync("end", "1-b", "\"reason\":\"topics-ended\"");
        });
        await using var subscriber = new Subscriber(hub, transport);

        await subscriber.NextAsync<ConnectedNotice>();
        var ended = await subscriber.NextAsync<EndedNotice>();

        Assert.Equal("1-b", ended.Cursor);
        await subscriber.EndsAsync();
    }

    [Theory]
    [InlineData("400 Bad Request", "invalid-topic", Transport.Sse)]
    [InlineData("403 Forbidden", "open-hub", Transport.Sse)]
    [InlineData("404 Not Found", "not-found", Transport.Sse)]
    [InlineData("400 Bad Request", "invalid-topic", Transport.WebSocket)]
    [InlineData("501 Not Implemented", "transport-off", Transport.WebSocket)]
    [InlineData("426 Upgrade Required", "upgrade-required", Transport.WebSocket)]
    [InlineData("400 Bad Request", "invalid-parameter", Transport.LongPolling)]
    [InlineData("406 Not Acceptable", "not-acceptable", Transport.LongPolling)]
    public async Task SubscribeAsync_RefusedForGood_ThrowsWhatTheHubSaid(string status, string name, Transport transport)
    {
        await using var hub = new FakeHub(exchange => exchange.ProblemAsync(status, name, "Because."));
        await using var subscriber = new Subscriber(hub, transport);

        var refusal = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<ConnectedNotice>);

        Assert.Equal((int.Parse(status[..3], null), "urn:spillway:problem:" + name, "Because."), (refusal.Status, refusal.ProblemType, refusal.Detail));
        Assert.Contains($"{status[..3]} {name}: Because.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("301 Moved Permanently", Transport.Sse)]
    [InlineData("307 Temporary Redirect", Transport.Sse)]
    [InlineData("302 Found", Transport.WebSocket)]
    [InlineData("308 Permanent Redirect", Transport.LongPolling)]
    public async Task SubscribeAsync_Redirected_SaysWhereAndDoesNotFollow(string status, Transport transport)
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync(status, headers: "Location: https://example.com/events\r\n"));
        await using var subscriber = new Subscriber(hub, transport);

        var refusal = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<ConnectedNotice>);

        Assert.Contains($"{status} and points to https://example.com/events;", refusal.Message, StringComparison.Ordinal);
        Assert.Single(hub.Requests);
    }

    [Theory]
    [InlineData("408 Too slow", Transport.Sse)]
    [InlineData("500 Oh", Transport.Sse)]
    [InlineData("502 Bad Gateway", Transport.Sse)]
    [InlineData("502 Bad Gateway", Transport.WebSocket)]
    [InlineData("504 Gateway Timeout", Transport.LongPolling)]
    public async Task SubscribeAsync_FaultThatMayPass_ComesBack(string status, Transport transport)
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync(status, "<html>", contentType: "text/html"), exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, transport);

        var refused = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.Refused, TimeSpan.FromSeconds(0.5)), (refused.Reason, refused.Delay));
        await subscriber.NextAsync<ConnectedNotice>(refused.Delay);
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_NobodyListens_WaitsLongerEachTimeUpToTheLimitOfAttempts(Transport transport)
    {
        var hub = new FakeHub();
        await hub.DisposeAsync();
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = ["a"], MaxAttempts = 8, Transport = transport });

        var delays = new List<double> { (await subscriber.NextAsync<DisconnectedNotice>()).Delay.TotalSeconds };
        while (delays.Count < 7)
        {
            delays.Add((await subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(delays[^1]))).Delay.TotalSeconds);
        }

        Assert.Equal([0.5, 1, 2, 4, 8, 15, 15], delays);
        var failure = await Assert.ThrowsAsync<SpillwayException>(() => subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(15)));
        Assert.Contains("8 attempts", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Transports.Streams), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_NoByteForTwoAndAHalfKeepAlives_ConnectsAgain(Transport transport)
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a", keepAlive: 2);
                await exchange.UntilClosedAsync();
            },
            exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, transport);
        await subscriber.NextAsync<ConnectedNotice>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(5));

        Assert.Equal((DisconnectReason.Silent, Retry), (lost.Reason, lost.Delay));
        await subscriber.NextAsync<ConnectedNotice>(Retry);
    }

    [Theory]
    [MemberData(nameof(Transports.Streams), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_KeepAliveInTime_KeepsTheConnection(Transport transport)
    {
        var quiet = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a", keepAlive: 2);
            await quiet.Task;
            await exchange.SendAsync(transport == Transport.Sse ? ":\n"u8.ToArray() : FakeFrames.Write(FakeFrames.Ping, []));
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, transport);
        await subscriber.NextAsync<ConnectedNotice>();
        subscriber.Begin();
        await subscriber.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        subscriber.Clock.Advance(TimeSpan.FromSeconds(4.9));
        quiet.SetResult();
        var lost = await subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(5)); // Five more seconds from the keep-alive on.

        Assert.Equal(DisconnectReason.Silent, lost.Reason);
        Assert.Equal(TimeSpan.FromSeconds(9.9), subscriber.Clock.GetElapsedTime(0));
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_ReaderThatTakesItsTime_IsNotTheHubsSilence(Transport transport)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a", keepAlive: 2);
            await exchange.EventAsync("1-b");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, transport);
        await subscriber.NextAsync<ConnectedNotice>();

        subscriber.Clock.Advance(TimeSpan.FromHours(1));

        await subscriber.NextAsync<ReceivedEvent>();
    }

    [Theory]
    [MemberData(nameof(Transports.All), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_NoAnswerInTime_TriesAgain(Transport transport)
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(
            exchange =>
            {
                asked.SetResult();
                return exchange.UntilClosedAsync();
            },
            exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, transport);
        subscriber.Begin();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        var lost = await subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(30));

        Assert.Equal((DisconnectReason.Silent, 1), (lost.Reason, lost.Failures));
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
    }

    [Theory]
    [MemberData(nameof(Transports.Streams), MemberType = typeof(Transports))]
    public async Task SubscribeAsync_HubDrains_ComesBackWhenTold(Transport transport)
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a", retry: 9_000);
                await exchange.SignalAsync("drain", "1-b", "\"reason\":\"shutdown\",\"retry\":4321");
            },
            exchange => exchange.OpenAsync("1-b"));
        await using var subscriber = new Subscriber(hub, transport);
        await subscriber.NextAsync<ConnectedNotice>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.Drain, TimeSpan.FromMilliseconds(4_321), "1-b"), (lost.Reason, lost.Delay, lost.Cursor));
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
    }

    [Fact]
    public async Task SubscribeAsync_StreamOfNothingButRetry_ComesBackNoSooner()
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.BeginStreamAsync();
                await exchange.SendAsync("retry: 6000\n\n");
            },
            exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub);

        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.StreamEnded, 1, TimeSpan.FromSeconds(6.5)), (lost.Reason, lost.Failures, lost.Delay));
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
    }

    [Fact]
    public async Task SubscribeAsync_RetryBeyondEveryNumber_IsCutToTheLimit()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.BeginStreamAsync();
            await exchange.SendAsync("retry: 99999999999999999999999999\n\n");
        });
        await using var subscriber = new Subscriber(hub);

        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(0.5), lost.Delay);
    }

    [Theory]
    [InlineData("<html></html>", "text/html", "text/html")]
    [InlineData("id: 1-a\ndata: x\n\n", "text/event-stream", "spillway-open")]
    [InlineData("id: 1-a\nevent: spillway-open\ndata: {\"protocol\":2}\n\n", "text/event-stream", "version 2")]
    [InlineData("id: 1-a\nevent: spillway-open\ndata: [\n\n", "text/event-stream", "JSON")]
    [InlineData("id: 1 a\nevent: spillway-open\ndata: {}\n\n", "text/event-stream", "not a cursor")]
    public async Task SubscribeAsync_ServerIsNoHub_SaysSo(string body, string contentType, string expected)
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", body, contentType: contentType));
        await using var subscriber = new Subscriber(hub);

        var failure = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<ConnectedNotice>);

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }
}
