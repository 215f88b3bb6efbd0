using System.Globalization;

namespace Spillway.EndToEnd.Tests.Subscribing.Polling;

/// <summary>Long polls over a real server.</summary>
public sealed class PollingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Poll_AfterAPosition_WaitsForTheNextEvent(int version)
    {
        await using var server = await HubServer.StartAsync();
        using var client = version == 2 ? server.CreateHttp2Client() : new HttpClient { BaseAddress = server.Address };
        await server.PublishAsync("a", "before");

        var begin = await PollAnswer.GetAsync(client, "/events?topic=a");
        var waiting = PollAnswer.GetAsync(client, $"/events?topic=a&wait=30&cursor={begin.Cursor}");
        await server.WaitForConnectionsAsync(1);
        await server.PublishAsync("b", "for somebody else");
        await server.PublishAsync("a", "{\"n\":1}");
        var answer = await waiting;

        Assert.Equal((200, version, 0), (begin.Status, begin.Version.Major, begin.Entries.Length));
        Assert.Equal(("application/json; charset=utf-8", "no-store", false), (answer.Headers["Content-Type"], answer.Headers["Cache-Control"], answer.Headers.ContainsKey("ETag")));
        Assert.Equal(["{\"n\":1}"], answer.Payloads);
        Assert.Equal(("a", answer.Cursor), (answer.Entries[0].GetProperty("topic").GetString(), answer.Entries[0].GetProperty("id").GetString()));
        await server.WaitForConnectionsAsync(0);
    }

    [Fact]
    public async Task Poll_WithoutWaiting_GetsTheCursorOfTheHead()
    {
        await using var server = await HubServer.StartAsync();
        var begin = await PollAnswer.GetAsync(server.Client, "/events?topic=a");
        var other = await server.PublishAsync("b", "for somebody else");

        var answer = await PollAnswer.GetAsync(server.Client, $"/events?topic=a&wait=0&cursor={begin.Cursor}");

        Assert.Equal((200, 0, other.Cursor), (answer.Status, answer.Entries.Length, answer.Cursor));
    }

    [Theory]
    [InlineData("&earliest", "1,2,3,4")]
    [InlineData("&last=2", "3,4")]
    [InlineData("&since=1h", "1,2,3,4")]
    [InlineData("&snapshot", "4")]
    public async Task Poll_WithAStartingPoint_GetsWhatIsThereAndThenWhatComes(string start, string expected)
    {
        await using var server = await HubServer.StartAsync();
        for (var i = 1; i <= 4; i++)
        {
            await server.PublishAsync("a", $"{i}");
        }

        var answer = await PollAnswer.GetAsync(server.Client, "/events?topic=a" + start);
        await server.PublishAsync("a", "5");
        var next = await PollAnswer.GetAsync(server.Client, $"/events?topic=a&cursor={answer.Cursor}");

        Assert.Equal(expected.Split(','), answer.Payloads);
        Assert.Equal(["5"], next.Payloads);
        Assert.False(answer.More);
    }

    [Theory]
    [InlineData("QUERY", "/events")]
    [InlineData("POST", "/subscribe")]
    public async Task Poll_AsABody_IsAnsweredLikeAGet(string method, string path)
    {
        await using var server = await HubServer.StartAsync();
        await server.PublishAsync("a", "1");
        await server.PublishAsync("a", "2");

        var answer = await PollAnswer.SendAsync(server.Client, method, path, """{"topics":["a"],"earliest":true,"wait":0.5,"max":1}""");

        Assert.Equal(["1"], answer.Payloads);
        Assert.True(answer.More);
    }

    [Theory]
    [InlineData("&max=3", 1_000_000)]
    [InlineData("", 1_024)]
    public async Task Poll_MoreThanFits_ComesInBatchesWithoutHoleOrRepeat(string max, int bytes)
    {
        await using var server = await HubServer.StartAsync(options => options.Polling.Bytes = bytes);
        for (var i = 0; i < 20; i++)
        {
            await server.PublishAsync("a", $"{i}".PadRight(i == 7 ? 5_000 : 100));
        }

        var (batches, cursor) = (new List<string[]>(), "");
        PollAnswer answer;
        do
        {
            answer = await PollAnswer.GetAsync(server.Client, $"/events?topic=a&wait=0{max}" + (cursor.Length == 0 ? "&earliest" : $"&cursor={cursor}"));
            batches.Add(answer.Payloads);
            cursor = answer.Cursor;
        }
        while (answer.More);

        Assert.Equal(Enumerable.Range(0, 20), batches.SelectMany(static batch => batch).Select(static payload => int.Parse(payload, CultureInfo.InvariantCulture)));
        Assert.InRange(batches.Count, 4, 20);
        Assert.All(batches, batch => Assert.True(batch.Length == 1 || batch.Sum(static payload => payload.Length) < bytes));
    }

    [Fact]
    public async Task Poll_OfATopicThatEnds_GetsTheEndAndThenNothing()
    {
        await using var server = await HubServer.StartAsync();
        await server.PublishAsync("a", "1");
        var begin = await PollAnswer.GetAsync(server.Client, "/events?topic=a&earliest");
        var waiting = PollAnswer.GetAsync(server.Client, $"/events?topic=a&cursor={begin.Cursor}");
        await server.WaitForConnectionsAsync(1);
        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);

        var end = await waiting;
        var after = await PollAnswer.GetAsync(server.Client, $"/events?topic=a&cursor={end.Cursor}");
        var late = await PollAnswer.GetAsync(server.Client, "/events?topic=a&earliest");

        Assert.Equal(["end"], end.Signals);
        Assert.Equal((204, "no-store"), (after.Status, after.Headers["Cache-Control"]));
        Assert.Equal(["1"], late.Payloads);
        Assert.Equal(["end"], late.Signals);
    }

    [Fact]
    public async Task Poll_WithTheCursorOfAnotherHistory_IsToldAGapBeforeWhatThereIs()
    {
        await using var server = await HubServer.StartAsync();
        await server.PublishAsync("a", "1");

        var answer = await PollAnswer.GetAsync(server.Client, "/events?topic=a&cursor=1zzz-7");

        Assert.Equal(("gap", "lost", "1zzz-7"), (answer.Signals[0], answer.Entries[0].GetProperty("reason").GetString(), answer.Entries[0].GetProperty("from").GetString()));
        Assert.Equal(["1"], answer.Payloads);
        Assert.Equal(2, answer.Entries.Length);
    }

    [Fact]
    public async Task Poll_OfAFullHub_IsToldWhenToComeBack()
    {
        await using var server = await HubServer.StartAsync(static options => options.Limits.Connections = 1);
        using var taken = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a");

        var answer = await PollAnswer.GetAsync(server.Client, "/events?topic=a");

        Assert.Equal((503, "urn:spillway:problem:overloaded"), (answer.Status, answer.Body.GetProperty("type").GetString()));
        Assert.InRange(int.Parse(answer.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 10);
    }

    [Theory]
    [InlineData("&wait=61", "wait", "Polling:MaxWait")]
    [InlineData("&wait=-1", "wait", "Polling:MaxWait")]
    [InlineData("&max=0", "max", "Polling:Events")]
    [InlineData("&max=1001", "max", "Polling:Events")]
    public async Task Poll_WithABadBound_IsToldWhichAreGood(string query, string field, string option)
    {
        await using var server = await HubServer.StartAsync();

        var answer = await PollAnswer.GetAsync(server.Client, "/events?topic=a" + query);

        Assert.Equal((400, field, option), (answer.Status, answer.Body.GetProperty("field").GetString(), answer.Body.GetProperty("option").GetString()));
    }

    [Fact]
    public async Task Stream_WithABoundOfPolls_IsToldThatItIsNone()
    {
        await using var server = await HubServer.StartAsync();
        using var response = await server.Client.GetAsync("/events?topic=a&wait=5", TestContext.Current.CancellationToken);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("Accept: application/json", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Poll_WhileTheHubStops_IsToldToComeBackWithItsCursor()
    {
        var server = await HubServer.StartAsync(retry: null);
        var begin = await PollAnswer.GetAsync(server.Client, "/events?topic=a");
        await server.WaitForConnectionsAsync(0); // It is counted a moment longer than its answer takes.
        var client = new HttpClient { BaseAddress = server.Address };
        var waiting = PollAnswer.GetAsync(client, $"/events?topic=a&cursor={begin.Cursor}");
        await server.WaitForConnectionsAsync(1);

        await server.DisposeAsync();
        var answer = await waiting;

        client.Dispose();
        Assert.Equal(["drain"], answer.Signals);
        Assert.Equal(begin.Cursor, answer.Cursor);
        Assert.Equal(answer.Retry, answer.Entries[0].GetProperty("retry").GetInt32());
        Assert.InRange(answer.Retry, 1_000, 5_000);
    }

    [Fact]
    public async Task Poll_ThatTheClientGivesUp_LeavesNothingBehind()
    {
        await using var server = await HubServer.StartAsync();
        using (var client = new HttpClient { BaseAddress = server.Address })
        {
            using var given = new CancellationTokenSource();
            using var request = new HttpRequestMessage(HttpMethod.Get, "/events?topic=a&earliest") { Headers = { { "Accept", "application/json" } } };
            var waiting = client.SendAsync(request, given.Token);
            await server.WaitForConnectionsAsync(1);
            await given.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }

        await server.WaitForConnectionsAsync(0);
        Assert.Equal(0, server.Hub.Loops.Sum(static loop => loop.ConnectionCount + loop.ExtraStates));
    }
}
