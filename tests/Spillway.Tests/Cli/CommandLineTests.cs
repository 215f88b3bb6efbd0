using System.Net;
using System.Net.Sockets;
using Spillway.Cli;
using Spillway.TestKit;

namespace Spillway.Tests.Cli;

public sealed class CommandLineTests
{
    public static TheoryData<string, string> WrongLines => new()
    {
        { "", "No command is named; use demo, doctor, history, publish, rules, serve, status, subscribe" },
        { "serv", "\"serv\" is no command; use " },
        { "serve --foo", "--foo is no option of spillway serve; it has --access, --config" },
        { "serve --urls", "--urls has no value; write --urls URL." },
        { "serve extra", "\"extra\" is one argument more than spillway serve takes" },
        { "serve --access all", "--access is \"all\"; give it open or tokens." },
        { "serve --log-level loud", "--log-level is \"loud\"; give it trace, debug, information, warning or error." },
        { "publish", "TOPIC is missing" },
        { "publish a b c", "\"c\" is one argument more than spillway publish takes" },
        { "publish a --priority high", "--priority is \"high\"; give it low, normal or critical." },
        { "publish a --ttl 5y", "--ttl is \"5y\"; give it a number with a unit ms, s, m, h or d" },
        { "publish a --ndjson", "TOPIC is \"a\", but with --ndjson each line names its own" },
        { "publish --ndjson --type t --end", "--type, --end cannot be used with --ndjson" },
        { "publish a b --end --id 1", "--id, PAYLOAD cannot be used with --end" },
        { "subscribe", "TOPIC is missing; name at least one topic, or a --pattern." },
        { "subscribe a --last 0", "--last is \"0\"; give it a whole number from 1 to 1000000." },
        { "subscribe a --last x", "--last is \"x\"" },
        { "subscribe a --exit-after 0", "--exit-after is \"0\"" },
        { "subscribe a --since yesterday", "--since is \"yesterday\"; give it a time with a zone like 2026-01-31T08:00:00Z, or a duration like 10m." },
        { "subscribe a --since 2026-01-31T08:00:00", "--since is \"2026-01-31T08:00:00\"; give it a time with a zone" },
        { "subscribe a --earliest --last 3 --snapshot", "--earliest and --last and --snapshot are 3 starting points; give one." },
        { "subscribe a --hub ftp://x", "--hub is \"ftp://x\"; give it an http or https URL" },
        { "topics --limit 0", "--limit is \"0\"" },
        { "doctor", "No command is named; use host." },
        { "doctor host --connections 0", "--connections is \"0\"; give it a whole number from 1 to 100000000." },
        { "doctor host --pid self", "--pid is \"self\"; give it a whole number from 1 to 2147483647." },
        { "status --hub nowhere", "--hub is \"nowhere\"" },
    };

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task RunAsync_WrongLine_SaysWhatAndExitsWith2(string line, string expected)
    {
        var run = new CliRun();

        var code = await run.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("spillway: " + expected, run.Error.ToString(), StringComparison.Ordinal);
        Assert.Matches(@"See 'spillway.* --help'\.$", run.Error.Lines[^1]);
        Assert.Empty(run.Out.ToString());
    }

    [Theory]
    [InlineData("./spillway")]
    [InlineData("../tools/spillway")]
    [InlineData("spillway")]
    public async Task RunAsync_RunByAScript_NamesTheCommandAsItWasTyped(string command)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var nobody = $"http://{other.LocalEndpoint}";
        other.Stop();
        var (help, fault, status, subscribe) = (Run(), Run(), Run(), Run());

        await help.RunAsync("serve", "--help");
        await fault.RunAsync("serve", "--foo");
        await status.RunAsync("status", "--hub", nobody);
        await subscribe.RunAsync("subscribe", "a", "--hub", nobody);

        Assert.Contains($"  {command} serve [options]", help.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal($"See '{command} serve --help'.", fault.Error.Lines[^1]);
        Assert.All((CliRun[])[status, subscribe], run => Assert.Contains($" Start one with '{command} serve', or name another with --hub.", run.Error.ToString(), StringComparison.Ordinal));

        CliRun Run() => command == "spillway" ? new CliRun() : new CliRun().With("SPILLWAY_COMMAND", command);
    }

    [Fact]
    public async Task RunAsync_ScriptInAFolderWithASpace_StillRuns()
    {
        var run = new CliRun().With("SPILLWAY_COMMAND", @"./my\ tools/spillway");

        Assert.Equal(ExitCode.Success, await run.RunAsync("serve", "--help"));
    }

    [Fact]
    public async Task RunAsync_SeveralFaults_TellsAll()
    {
        var run = new CliRun();

        await run.RunAsync("publish", "a", "--priority", "high", "--ttl", "5y");

        Assert.Equal(3, run.Error.Lines.Length);
    }

    [Fact]
    public async Task RunAsync_HubFromTheEnvironment_IsNamedWhereItIsWrong()
    {
        var run = new CliRun().With("SPILLWAY_HUB", "nowhere");

        Assert.Equal(ExitCode.Usage, await run.RunAsync("status"));
        Assert.StartsWith("spillway: SPILLWAY_HUB is \"nowhere\"", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve -h")]
    [InlineData("publish --help --priority nonsense")]
    public async Task RunAsync_Help_ExitsWith0(string line)
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync(line.Split(' ')));
        Assert.StartsWith("Description:", run.Out.Lines[0], StringComparison.Ordinal);
        Assert.Empty(run.Error.ToString());
    }

    [Fact]
    public async Task RunAsync_Version_PrintsIt()
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Success, await run.RunAsync("--version"));
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Out.Lines[0]);
    }

    [Fact]
    public void Build_EveryOption_SaysItsDefault()
    {
        using var output = new LineWriter();
        var terminal = new Terminal(output, output, static () => Stream.Null, false, new Dictionary<string, string>());

        var options = CommandLine.Build(terminal).Subcommands.SelectMany(static command => command.Options.Select(option => (Command: command.Name, Option: option))).ToList();

        Assert.All(
            options.Where(static each => each.Option is not System.CommandLine.Help.HelpOption),
            static each => Assert.Contains("Default: ", each.Option.Description ?? each.Command + " " + each.Option.Name, StringComparison.Ordinal));
        Assert.True(options.Count > 20);
    }

    [Fact]
    public async Task RunAsync_PayloadThatLooksLikeAFileOrAnOption_IsAPayload()
    {
        foreach (var payload in (string[])["@file", "-5"])
        {
            await using var hub = new Client.FakeHub(async exchange =>
            {
                await exchange.Request.ReadBodyAsync(exchange.Stopped);
                await exchange.AnswerAsync("200 OK", "{\"accepted\":1,\"duplicates\":0,\"cursor\":\"1-b\"}");
            });
            var run = new CliRun();

            Assert.Equal(ExitCode.Success, await run.RunAsync("publish", "a", "--hub", hub.Address.ToString(), "--", payload));
            Assert.Contains($"\"payload\":\"{payload}\"", hub.Requests[0].Body, StringComparison.Ordinal);
        }
    }
}
