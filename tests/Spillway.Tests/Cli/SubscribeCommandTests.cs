using Spillway.Cli;
using Spillway.Tests.Client;

namespace Spillway.Tests.Cli;

public sealed class SubscribeCommandTests
{
    [Fact]
    public async Task Subscribe_Events_PrintsALineForEach()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync("id: 1-b\ndata: {\"topic\":\"a/b\",\"type\":\"alert\",\"time\":\"2026-01-31T08:00:00.123Z\",\"contentType\":\"application/json\",\"payload\":{\"x\":1}}\n\n");
            await exchange.SendAsync("id: 1-c\ndata: {\"topic\":\"a\",\"time\":\"2026-01-31T08:00:01Z\",\"payload\":\"line\\none\\u001b[2J\\u202e\"}\n\n");
            await exchange.SendAsync("id: 1-d\ndata: {\"topic\":\"a\",\"time\":\"2026-01-31T08:00:02Z\",\"payloadBase64\":\"AP8=\"}\n\n");
            await exchange.UntilClosedAsync();
        });
        var run = new CliRun();

        var code = await run.RunAsync("subscribe", "a", "--pattern", "a/*", "--pattern", "b/**", "--since", "10m", "--latest", "--batch", "200ms", "--exit-after", "3", "--hub", hub.Address.ToString());

        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(
            [
                "2026-01-31T08:00:00.123Z\ta/b\talert\t{\"x\":1}",
                "2026-01-31T08:00:01.000Z\ta\t-\tline\\none\\u001B[2J\\u202E",
                "2026-01-31T08:00:02.000Z\ta\t-\tbase64:AP8=",
            ],
            run.Out.Lines);
        Assert.Equal([$"spillway: connected to {hub.Address}/, connection c-1-a.", "spillway: to go on later, use --cursor 1-d"], run.Error.Lines);
        Assert.Equal("/hub/events?format=json&topic=a&pattern=a%2F%2A&pattern=b%2F%2A%2A&latest&batch=200ms&since=600000ms", hub.Requests[0].Target);
    }

    [Fact]
    public async Task Subscribe_TokenFileHasChanged_PresentsWhatIsInItNow()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "first\n", TestContext.Current.CancellationToken);
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a", retry: 1);
                await File.WriteAllTextAsync(file, "second\n", exchange.Stopped);
            },
            static async exchange =>
            {
                await exchange.OpenAsync("1-a", retry: 1);
                await exchange.EventAsync("1-b", "one");
                await exchange.UntilClosedAsync();
            });
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync("subscribe", "a", "--token-file", file, "--exit-after", "1", "--hub", hub.Address.ToString()));

        Assert.Equal(["Bearer first", "Bearer second"], hub.Requests.Select(static request => request.Headers["Authorization"]));
        File.Delete(file);
    }

    [Theory]
    [InlineData("sse")]
    [InlineData("ws")]
    [InlineData("poll")]
    public async Task Subscribe_AnyTransport_PrintsTheSame(string transport)
    {
        await using var hub = new FakeHub(
            static async exchange =>
            {
                await exchange.OpenAsync("1-a", retry: 1);
                await exchange.EventAsync("1-b", "one");
                await exchange.BeginEventAsync("1-c");
            },
            static async exchange =>
            {
                await exchange.OpenAsync("1-b", retry: 1);
                await exchange.SignalAsync("gap", "1-b", "\"from\":\"1-b\",\"to\":\"1-f\",\"reason\":\"retention\",\"count\":4,\"exact\":true");
                await exchange.EventAsync("1-g", "two");
                await exchange.UntilClosedAsync();
            });
        var run = new CliRun();

        var code = await run.RunAsync("subscribe", "a", "--transport", transport, "--exit-after", "2", "--hub", hub.Address.ToString());

        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(["2026-01-31T08:00:00.123Z\ta\t-\tone", "2026-01-31T08:00:00.123Z\ta\t-\ttwo"], run.Out.Lines);
        Assert.Equal(5, run.Error.Lines.Length);
        Assert.StartsWith($"spillway: connected to {hub.Address}/", run.Error.Lines[0], StringComparison.Ordinal);
        Assert.Contains("Connecting again in", run.Error.Lines[1], StringComparison.Ordinal);
        Assert.StartsWith("spillway: connected again", run.Error.Lines[2], StringComparison.Ordinal);
        Assert.Equal("spillway: GAP: 4 events missed, older than what the hub keeps (retention); after 1-b, up to 1-f.", run.Error.Lines[3]);
        Assert.Equal("spillway: to go on later, use --cursor 1-g", run.Error.Lines[4]);
        Assert.Equal(transport, hub.Requests[0].Headers.ContainsKey("Upgrade") ? "ws" : hub.Requests[0].Headers["Accept"] == "application/json" ? "poll" : "sse");
    }

    [Theory]
    [InlineData("websocket", "--transport is \"websocket\"; give it sse, ws or poll.")]
    [InlineData("", "--transport is \"\"; give it sse, ws or poll.")]
    public async Task Subscribe_UnknownTransport_NamesThoseThereAre(string transport, string expected)
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("subscribe", "a", "--transport", transport));
        Assert.Contains(expected, run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscribe_MoreTopicsThanAWebSocketTakes_SaysSo()
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync(["subscribe", .. Enumerable.Repeat("a", 101), "--transport", "ws", "--hub", "http://127.0.0.1:1"]));
        Assert.Contains("at most 100 topics and patterns, and these are 101; use patterns", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscribe_OnATerminal_ColoursWhatIsNotPayload()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.EventAsync("1-b", "hello");
            await exchange.UntilClosedAsync();
        });
        var run = new CliRun { Colours = true };

        await run.RunAsync("subscribe", "a", "--exit-after", "1", "--hub", hub.Address.ToString());

        Assert.Equal("\e[2m2026-01-31T08:00:00.123Z\e[0m\t\e[36ma\e[0m\t\e[33m-\e[0m\thello\n", run.Out.ToString());
    }

    [Fact]
    public async Task Subscribe_Json_PrintsTheProtocolsForm()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync(
                "id: 1-b\ndata: {\"topic\":\"a\",\"type\":\"t\",\"key\":\"k\",\"time\":\"2026-01-31T08:00:00.123Z\",\"contentType\":\"application/json\",\"payload\":{\"é\": [1]},\"traceparent\":\"00-1\"}\n\n");
            await exchange.SendAsync("id: 1-c\ndata: {\"topic\":\"a\",\"time\":\"2026-01-31T08:00:00Z\",\"contentType\":\"application/json\",\"payloadBase64\":\"ewo=\"}\n\n");
            await exchange.SendAsync("id: 1-d\ndata: {\"topic\":\"a\",\"time\":\"2026-01-31T08:00:00Z\",\"payloadBase64\":\"/w==\"}\n\n");
            await exchange.UntilClosedAsync();
        });
        var run = new CliRun();

        await run.RunAsync("subscribe", "a", "--json", "--exit-after", "3", "--hub", hub.Address.ToString());

        Assert.Equal(
            [
                """{"cursor":"1-b","topic":"a","type":"t","key":"k","time":"2026-01-31T08:00:00.123+00:00","contentType":"application/json","payload":{"é":[1]},"traceparent":"00-1"}""",
                """{"cursor":"1-c","topic":"a","time":"2026-01-31T08:00:00+00:00","contentType":"application/json","payload":"{\n"}""",
                """{"cursor":"1-d","topic":"a","time":"2026-01-31T08:00:00+00:00","payloadBase64":"/w=="}""",
            ],
            run.Out.Lines);
    }

    [Fact]
    public async Task Subscribe_ConnectionLost_ResumesByItselfAndTellsGaps()
    {
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a", retry: 1);
                await exchange.EventAsync("1-b", "one");
            },
            async exchange =>
            {
                await exchange.OpenAsync("1-b", retry: 1);
                await exchange.SendAsync("id: 1-b\nevent: spillway-gap\ndata: {\"from\":\"1-b\",\"to\":\"1-f\",\"reason\":\"retention\",\"count\":4,\"exact\":true}\n\n");
                await exchange.SendAsync("event: spillway-slow\ndata: {\"backlog\":300}\n\n");
                await exchange.EventAsync("1-g", "two");
                await exchange.SendAsync("id: 1-h\nevent: spillway-end\ndata: {}\n\n");
            });
        var run = new CliRun();

        var code = await run.RunAsync("subscribe", "a", "--hub", hub.Address.ToString());

        Assert.Equal((ExitCode.Success, 2), (code, run.Out.Lines.Length));
        Assert.Equal(
            [
                $"spillway: connected to {hub.Address}/, connection c-1-a.",
                "spillway: The hub ended the stream. Connecting again in 0.0 s.",
                "spillway: connected again, connection c-1-b.",
                "spillway: GAP: 4 events missed, older than what the hub keeps (retention); after 1-b, up to 1-f.",
                "spillway: this reader does not keep up: 300 events behind.",
                "spillway: all topics have ended.",
                "spillway: to go on later, use --cursor 1-h",
            ],
            run.Error.Lines);
        Assert.Equal("1-b", hub.Requests[1].Headers["Last-Event-ID"]);
    }

    [Fact]
    public async Task Subscribe_Interrupted_ExitsWith0()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.UntilClosedAsync();
        });
        var run = new CliRun();

        var running = run.StartAsync(stop.Token, "subscribe", "a", "--hub", hub.Address.ToString());
        await run.Error.WaitForAsync("connected to", TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        Assert.Equal(ExitCode.Success, await running);
    }

    [Fact]
    public async Task Subscribe_CursorRefused_DoesNotOfferItAgain()
    {
        await using var hub = new FakeHub(static exchange => exchange.ProblemAsync("400 Bad Request", "invalid-parameter", "No cursor."));
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("subscribe", "a", "--cursor", "%%", "--hub", hub.Address.ToString()));
        Assert.EndsWith("400 invalid-parameter: No cursor.", Assert.Single(run.Error.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscribe_TopicsEndedBefore_NamesNoPosition()
    {
        await using var hub = new FakeHub(static exchange => exchange.AnswerAsync("204 No Content"));
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync("subscribe", "a", "--hub", hub.Address.ToString()));
        Assert.Equal("spillway: all topics have ended.", Assert.Single(run.Error.Lines));
    }

    [Fact]
    public async Task Subscribe_NobodyListens_SaysSoAndExitsWith1()
    {
        var hub = new FakeHub();
        await hub.DisposeAsync();
        var run = new CliRun();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("subscribe", "a", "--cursor", "1-x", "--hub", hub.Address.ToString()));
        Assert.Contains("cannot be reached: Connection refused", run.Error.Lines[0], StringComparison.Ordinal);
        Assert.EndsWith("--cursor 1-x", run.Error.Lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--since 2026-01-31T09:00:00+01:00", "since=2026-01-31T08%3A00%3A00.0000000Z")]
    [InlineData("--since 1.5", "since=1500ms")]
    [InlineData("--last 7", "last=7")]
    [InlineData("--earliest", "earliest=true")]
    [InlineData("--snapshot", "snapshot=true")]
    [InlineData("--cursor 1-x", "cursor=1-x")]
    public async Task Subscribe_StartingPoint_IsAskedFor(string options, string expected)
    {
        await using var hub = new FakeHub(exchange => exchange.SendAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync(["subscribe", "a", .. options.Split(' '), "--hub", hub.Address.ToString()]));
        Assert.EndsWith("&topic=a&" + expected, hub.Requests[0].Target, StringComparison.Ordinal);
    }
}
