using System.Text;
using Spillway.Cli;
using Spillway.Tests.Client;

namespace Spillway.Tests.Cli;

public sealed class PublishCommandTests
{
    private const string Committed = "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\"}";

    [Fact]
    public async Task Publish_EveryOption_StandsInTheEvent()
    {
        await using var hub = new FakeHub(Answer("200 OK", Committed));
        var run = new CliRun().With("SPILLWAY_HUB", hub.Address.ToString());

        var code = await run.RunAsync(
            "publish", "a/b", "{\"x\":1}", "--type", "alert", "--key", "k", "--priority", "critical", "--ttl", "1.5m", "--content-type", "application/json", "--private", "--final", "--id", "own");

        Assert.Equal((ExitCode.Success, "accepted 1, duplicates 0, cursor 1-b\n", ""), (code, run.Out.ToString(), run.Error.ToString()));
        Assert.Equal(
            """[{"topic":"a/b","type":"alert","key":"k","id":"own","priority":"critical","ttl":"90000ms","private":true,"final":true,"contentType":"application/json","payload":{"x":1}}]""",
            hub.Requests[0].Body);
    }

    [Fact]
    public async Task Publish_PayloadFromTheInput_TakesItsBytes()
    {
        await using var hub = new FakeHub(Answer("200 OK", Committed));
        var run = new CliRun { Input = [0, 0xFF] };

        Assert.Equal(ExitCode.Success, await run.RunAsync("publish", "a", "-", "--hub", hub.Address.ToString()));
        Assert.Contains("\"payloadBase64\":\"AP8=\"", hub.Requests[0].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_PayloadFromTheInputBeyondEveryHubsLimit_IsRefused()
    {
        var run = new CliRun { Input = new byte[(64 * 1024 * 1024) + 1] };

        Assert.Equal(ExitCode.Usage, await run.RunAsync("publish", "a", "-", "--hub", "http://127.0.0.1:1"));
        Assert.Contains("PAYLOAD from the standard input is longer than 64 MiB", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publish_End_EndsTheTopic()
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", "{\"cursor\":\"1-z\"}"));
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync("publish", "a", "--end", "--hub", hub.Address.ToString()));
        Assert.Equal(("ended, cursor 1-z\n", "/hub/topics/a/end"), (run.Out.ToString(), hub.Requests[0].Target));
    }

    [Fact]
    public async Task Publish_NdjsonWithBadLines_TellsThemAndExitsWith1()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            while (await exchange.Request.ReadChunkAsync(exchange.Stopped) != "")
            {
            }

            await exchange.AnswerAsync("200 OK", """
                {"accepted":1,"duplicates":2,"cursor":"1-b","errors":[{"line":2,"status":400,"title":"t","detail":"No topic.","field":"topic"}],"errorsOmitted":4}
                """);
        });
        var run = new CliRun { Input = Encoding.UTF8.GetBytes("{\"topic\":\"a\"}\n{}\n") };

        var code = await run.RunAsync("publish", "--ndjson", "--hub", hub.Address.ToString());

        Assert.Equal((ExitCode.Failure, "accepted 1, duplicates 2, refused 5, cursor 1-b\n"), (code, run.Out.ToString()));
        Assert.Equal(["spillway: line 2: 400 No topic.", "spillway: 4 more lines were refused."], run.Error.Lines);
        Assert.Equal("{\"topic\":\"a\"}\n{}\n", hub.Requests[0].Body);
    }

    [Theory]
    [InlineData("400 Bad Request", ExitCode.Usage)]
    [InlineData("409 Conflict", ExitCode.Failure)]
    [InlineData("500 Oh", ExitCode.Failure)]
    public async Task Publish_Refused_TellsWhatTheHubSaid(string status, int expected)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadBodyAsync(exchange.Stopped);
            await exchange.ProblemAsync(status, "some-problem", "Because.");
        });
        var run = new CliRun();

        Assert.Equal(expected, await run.RunAsync("publish", "a", "x", "--hub", hub.Address.ToString()));
        Assert.Matches(@"^spillway: The hub at http://127\.0\.0\.1:\d+ answered \d+ some-problem: Because\.$", Assert.Single(run.Error.Lines));
    }

    [Fact]
    public async Task Publish_Interrupted_ExitsWith1()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.Request.ReadBodyAsync(exchange.Stopped);
            await stop.CancelAsync();
            await exchange.UntilClosedAsync();
        });
        var run = new CliRun();

        Assert.Equal(ExitCode.Failure, await run.StartAsync(stop.Token, "publish", "a", "--hub", hub.Address.ToString()));
        Assert.Equal("spillway: interrupted.\n", run.Error.ToString());
    }

    private static Func<FakeExchange, Task> Answer(string status, string body) => async exchange =>
    {
        await exchange.Request.ReadBodyAsync(exchange.Stopped);
        await exchange.AnswerAsync(status, body);
    };
}
