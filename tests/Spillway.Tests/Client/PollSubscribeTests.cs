using Spillway.Client;

namespace Spillway.Tests.Client;

public sealed class PollSubscribeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SubscribeAsync_Polls_AskBehindWhatCameAndWaitButForTheFirst()
    {
        var polls = new TaskCompletionSource<FakeExchange>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.AnswerPollAsync("""{"id":"1-b","topic":"a","payload":"x"},{"id":"1-b.7","topic":"a","payload":"y"}""", "1-c");
            await exchange.AnswerPollAsync("", "1-d", ",\"more\":true");
            await exchange.ReadPollAsync();
            polls.SetResult(exchange);
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(
            hub, new SubscribeOptions { Topics = ["a b"], Patterns = ["c/**"], Latest = true, Start = StartingPoint.Last(2), Transport = Transport.LongPolling });

        await subscriber.NextAsync<ConnectedNotice>();
        var first = await subscriber.NextAsync<ReceivedEvent>();
        var second = await subscriber.NextAsync<ReceivedEvent>();
        subscriber.Begin();
        var played = await polls.Task.WaitAsync(Patience, Stop);

        Assert.Equal(("1-b", "x", "1-b.7", "y"), (first.Cursor, first.Text, second.Cursor, second.Text));
        const string Rest = "&topic=a%20b&pattern=c%2F%2A%2A&latest";
        Assert.Equal(
            ["/hub/events?wait=0" + Rest + "&last=2", .. Enumerable.Repeat("/hub/events?wait=25" + Rest, 3)],
            played.Polls.Prepend(played.Request).Select(static poll => poll.Target));
        Assert.Equal(["1-a", "1-c", "1-d"], played.Polls.Select(static poll => poll.Headers["Last-Event-ID"]));
    }

    [Fact]
    public async Task SubscribeAsync_AnswerOfAHubThatStops_IsFollowedByAnotherConnectionWhenTold()
    {
        // The client's handler keeps its TCP connection for the polls that follow.
        await using var hub = new FakeHub(async static exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.AnswerPollAsync("""{"id":"1-b","topic":"a"},{"signal":"drain","id":"1-b","reason":"shutdown","retry":4000}""", "1-b", ",\"retry\":4000");
            await exchange.AnswerPollAsync("", "1-b");
            Assert.StartsWith("/hub/events?wait=0&", exchange.Polls[^1].Target, StringComparison.Ordinal);
        });
        await using var subscriber = new Subscriber(hub, Transport.LongPolling);
        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(TimeSpan.FromSeconds(4));
        var again = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.Drain, TimeSpan.FromSeconds(4), "1-b"), (lost.Reason, lost.Delay, lost.Cursor));
        Assert.Equal(Subscriber.Retry(Transport.LongPolling), again.Delay); // What a hub that stopped asked for is over.
    }

    /// <summary>A proxy that answers at once with nothing would otherwise be asked as fast as it answers.</summary>
    [Fact]
    public async Task SubscribeAsync_EmptyAnswerBeforeItsTime_IsNotFollowedAtOnce()
    {
        await using var hub = new FakeHub(async static exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.AnswerPollAsync("", "1-a");
            await exchange.EventAsync("1-b");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.LongPolling);
        await subscriber.NextAsync<ConnectedNotice>();

        await subscriber.NextAsync<ReceivedEvent>(TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task SubscribeAsync_NoAnswerLongAfterThePollsTime_ConnectsAgain()
    {
        await using var hub = new FakeHub(
            async static exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.ReadPollAsync();
                await exchange.UntilClosedAsync();
            },
            static exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, Transport.LongPolling);
        await subscriber.NextAsync<ConnectedNotice>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>(TimeSpan.FromSeconds(37.5));

        Assert.Equal((DisconnectReason.Silent, "1-a"), (lost.Reason, lost.Cursor));
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
    }

    [Fact]
    public async Task SubscribeAsync_HubStopsBetweenPolls_ComesBackWhenTold()
    {
        await using var hub = new FakeHub(
            async static exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b");
                await exchange.ReadPollAsync();
                await exchange.ProblemAsync("503 Busy", "shutting-down", "It stops.", "Retry-After: 3\r\n");
                await exchange.UntilClosedAsync();
            },
            static exchange => exchange.OpenAsync("1-b"));
        await using var subscriber = new Subscriber(hub, Transport.LongPolling);
        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.Refused, TimeSpan.FromSeconds(3), 0), (lost.Reason, lost.Delay, lost.Failures));
        Assert.Contains("It stops.", lost.Detail, StringComparison.Ordinal);
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
        Assert.Equal("1-b", hub.Requests[1].Headers["Last-Event-ID"]);
    }

    [Fact]
    public async Task SubscribeAsync_TopicsEndBetweenPolls_Ends()
    {
        await using var hub = new FakeHub(async static exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.EventAsync("1-b");
            await exchange.ReadPollAsync();
            await exchange.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.LongPolling);
        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();

        Assert.Equal("1-b", (await subscriber.NextAsync<EndedNotice>()).Cursor);
        await subscriber.EndsAsync();
    }

    [Theory]
    [InlineData("text/html", "<html></html>", "text/html instead of application/json")]
    [InlineData("application/json", "[]", "JSON")]
    [InlineData("application/json", "{\"entries\":[]}", "JSON")]
    [InlineData("application/json", "{\"entries\":[],\"cursor\":7}", "JSON")]
    [InlineData("application/json", "{\"entries\":[{\"id\":7}],\"cursor\":\"1-a\"}", "JSON")]
    [InlineData("application/json", "{\"entries\":[{\"id\":\"1-a\",\"topic\":}],\"cursor\":\"1-a\"}", "JSON")]
    [InlineData("application/json", "{\"entries\":[],\"cursor\":\"1 a\"}", "not a cursor")]
    public async Task SubscribeAsync_ServerIsNoHub_SaysSo(string contentType, string body, string expected)
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", body, contentType: contentType));
        await using var subscriber = new Subscriber(hub, Transport.LongPolling);

        var failure = await Assert.ThrowsAsync<SpillwayException>(async () =>
        {
            await subscriber.NextAsync<ConnectedNotice>();
            await subscriber.NextAsync<ReceivedEvent>();
        });

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Wherever an answer breaks, what was whole is handed out once, and the next poll begins behind it. Without a length the end of the connection looks like the end of the answer.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SubscribeAsync_AnswerCutAtAnyByte_LosesAndRepeatsNothing(bool hasLength)
    {
        const string First = """{"id":"1-b","topic":"a","payload":"1-b"}""";
        const string Answer = """{"entries":[""" + First + """,{"id":"1-c","topic":"a","payload":"1-c"}],"cursor":"1-d"}""";
        var (firstWhole, bothWhole) = (Answer.IndexOf("},", StringComparison.Ordinal) + 1, Answer.IndexOf("}]", StringComparison.Ordinal) + 1);
        var acts = Enumerable.Range(0, Answer.Length).Select(cut => (Func<FakeExchange, Task>)(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.ReadPollAsync();
            await exchange.SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{(hasLength ? $"Content-Length: {Answer.Length}\r\n" : "Connection: close\r\n")}\r\n{Answer[..cut]}");
            exchange.Leave();
        }));
        await using var hub = new FakeHub([.. acts]);
        for (var cut = 0; cut < Answer.Length; cut++)
        {
            await using var subscriber = new Subscriber(hub, Transport.LongPolling);
            await subscriber.NextAsync<ConnectedNotice>();
            List<string> whole = cut < firstWhole ? [] : cut < bothWhole ? ["1-b"] : ["1-b", "1-c"];
            foreach (var id in whole)
            {
                Assert.Equal(id, (await subscriber.NextAsync<ReceivedEvent>()).Text);
            }

            var lost = await subscriber.NextAsync<DisconnectedNotice>();
            Assert.Equal((hasLength ? DisconnectReason.Network : DisconnectReason.StreamEnded, whole.LastOrDefault("1-a")), (lost.Reason, lost.Cursor));
        }
    }
}
