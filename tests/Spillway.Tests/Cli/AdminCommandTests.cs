using Spillway.Cli;
using Spillway.Tests.Client;

namespace Spillway.Tests.Cli;

public sealed class AdminCommandTests
{
    private const string FirstPage = """
        {"topics":[{"topic":"a/é","events":12345,"lastTime":"2026-01-31T08:00:00.123Z","ended":false}],"next":"a/é"}
        """;

    private const string LastPage = """
        {"topics":[{"topic":"b","events":1,"lastTime":"2026-01-31T08:00:01.000Z","ended":true}],"next":null}
        """;

    [Fact]
    public async Task Topics_SeveralPages_ReadsAll()
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", FirstPage), exchange => exchange.AnswerAsync("200 OK", LastPage));
        var run = new CliRun();

        var code = await run.RunAsync("topics", "--prefix", "a b", "--hub", hub.Address.ToString());

        Assert.Equal((ExitCode.Success, ""), (code, run.Error.ToString()));
        Assert.Equal(["      12,345  2026-01-31T08:00:00.123Z  open   a/é", "           1  2026-01-31T08:00:01.000Z  ended  b"], run.Out.Lines);
        Assert.Equal(
            ["/hub/admin/topics?limit=1000&prefix=a%20b", "/hub/admin/topics?limit=999&prefix=a%20b&after=a%2F%C3%A9"], hub.Requests.Select(static request => request.Target));
    }

    [Fact]
    public async Task Topics_MoreThanTheLimit_SaysSo()
    {
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", FirstPage));
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync("topics", "--limit", "1", "--json", "--hub", hub.Address.ToString()));
        Assert.StartsWith("{\"topic\":\"a/", Assert.Single(run.Out.Lines), StringComparison.Ordinal);
        Assert.Contains("--limit", Assert.Single(run.Error.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("401 Unauthorized", true)]
    [InlineData("403 Forbidden", false)]
    public async Task Status_NoCredential_SaysHowToGiveOne(string status, bool isTold)
    {
        await using var hub = new FakeHub(exchange => exchange.ProblemAsync(status, "some-problem", "Not you."));
        var run = new CliRun();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("status", "--hub", hub.Address.ToString()));

        Assert.Equal(isTold, run.Error.ToString().Contains("--token-file FILE, or the environment variable SPILLWAY_TOKEN", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Status_Answer_IsShownMemberByMember()
    {
        const string Answer = """{"version":"0.1.0","uptimeSeconds":93784,"cursor":"1-b","connections":1000000,"history":"memory","ofALaterVersion":true}""";
        await using var hub = new FakeHub(exchange => exchange.AnswerAsync("200 OK", Answer), exchange => exchange.AnswerAsync("200 OK", Answer));
        var run = new CliRun();
        var json = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync("status", "--hub", hub.Address.ToString()));
        Assert.Equal(ExitCode.Success, await json.RunAsync("status", "--json", "--hub", hub.Address.ToString()));

        Assert.Equal(
            [
                "version          0.1.0",
                "uptime           1.02:03:04",
                "cursor           1-b",
                "connections      1,000,000",
                "history          memory",
                "ofALaterVersion  true",
            ],
            run.Out.Lines);
        Assert.Equal(Answer + "\n", json.Out.ToString());
    }

    [Fact]
    public async Task Status_HubThatRefuses_TellsWhatItSaid()
    {
        await using var hub = new FakeHub(exchange => exchange.ProblemAsync("403 Forbidden", "open-hub", "Not local."));
        var run = new CliRun();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("status", "--hub", hub.Address.ToString()));
        Assert.Contains("403 open-hub: Not local.", Assert.Single(run.Error.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_NobodyListens_SaysSo()
    {
        var hub = new FakeHub();
        await hub.DisposeAsync();
        var run = new CliRun();

        Assert.Equal(ExitCode.Failure, await run.RunAsync("status", "--hub", hub.Address.ToString()));
        Assert.Contains("cannot be read: Connection refused", Assert.Single(run.Error.Lines), StringComparison.Ordinal);
    }
}
