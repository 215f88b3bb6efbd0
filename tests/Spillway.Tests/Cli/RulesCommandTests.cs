using System.Text.Json;
using Spillway.Cli;

namespace Spillway.Tests.Cli;

public sealed class RulesCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Explain_SecondRuleMatches_TellsTheFirstAndEveryOptionWithItsSource()
    {
        Write("""{ "Pattern": "alerts/**" }, { "Pattern": "telemetry/*", "History": false, "BacklogBytes": "64KiB", "Ttl": "5s", "Batch": "200ms" }""");
        var run = new CliRun();

        var code = await run.RunAsync("rules", "explain", "telemetry/a", "--config", _file);

        Assert.Equal((ExitCode.Success, ""), (code, run.Error.ToString()));
        var lines = run.Out.Lines;
        Assert.Equal(["rule 0   alerts/**    does not match", "rule 1   telemetry/*  applies"], lines[..2]);
        Assert.Contains("  History        false        rule", lines);
        Assert.Contains("  Overflow       drop-oldest  default without history", lines);
        Assert.Contains("  BacklogEvents  256          default", lines);
        Assert.Contains("  BacklogBytes   64KiB        rule", lines);
        Assert.Contains("  Ttl            5s           rule", lines);
        Assert.Contains("  Batch          200ms        rule", lines);
    }

    [Fact]
    public async Task Explain_RuleRetainsNewest_TellsOfHowManyKeys()
    {
        Write("""{ "Pattern": "a", "Retain": "latest" }""");
        var run = new CliRun();

        await run.RunAsync("rules", "explain", "a", "--config", _file);

        Assert.Contains("  Retain         latest       rule", run.Out.Lines);
        Assert.Contains("  MaxKeys        100000       default", run.Out.Lines);
    }

    [Fact]
    public async Task Explain_NoRuleMatches_NamesTheOneThatTheHubAdds()
    {
        Write("""{ "Pattern": "alerts/**" }""");
        var run = new CliRun();

        await run.RunAsync("rules", "explain", "other", "--config", _file);

        Assert.Equal("rule -   **         applies: no rule matches, and this one the hub adds", run.Out.Lines[1]);
        Assert.Contains("  Overflow       replay       default with history", run.Out.Lines);
    }

    [Fact]
    public async Task Explain_Json_HasTheSame()
    {
        Write("""{ "Pattern": "a" }, { "Pattern": "b", "Overflow": "latest", "BacklogEvents": 5 }""");
        var (second, added) = (new CliRun(), new CliRun());

        await second.RunAsync("rules", "explain", "b", "--config", _file, "--json");
        await added.RunAsync("rules", "explain", "c", "--config", _file, "--json");

        var json = JsonDocument.Parse(second.Out.ToString()).RootElement;
        Assert.Equal("b", json.GetProperty("topic").GetString());
        Assert.Equal(1, json.GetProperty("rule").GetInt32());
        Assert.Equal("""[{"rule":0,"pattern":"a"}]""", json.GetProperty("passedOver").GetRawText());
        var options = json.GetProperty("options");
        Assert.Equal("""{"value":"latest","from":"rule"}""", options.GetProperty("Overflow").GetRawText());
        Assert.Equal("""{"value":5,"from":"rule"}""", options.GetProperty("BacklogEvents").GetRawText());
        Assert.Equal("""{"value":true,"from":"default"}""", options.GetProperty("History").GetRawText());
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(added.Out.ToString()).RootElement.GetProperty("rule").ValueKind);
    }

    [Fact]
    public async Task Explain_EnvironmentSetsARule_WinsOverTheFile()
    {
        Write("""{ "Pattern": "a", "BacklogEvents": 5 }""");
        var run = new CliRun().With("SPILLWAY__Rules__0__BacklogEvents", "6");

        await run.RunAsync("rules", "explain", "a", "--config", _file);

        Assert.Contains("  BacklogEvents  6            rule", run.Out.Lines);
    }

    [Fact]
    public async Task Explain_PatternInsteadOfATopic_IsRefused()
    {
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("rules", "explain", "a/*"));
        Assert.StartsWith("spillway: TOPIC is \"a/*\", which ", run.Error.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_NothingIsWrong_SaysHowManyRulesThereAre()
    {
        Write("""{ "Pattern": "a" }, { "Pattern": "**" }""");
        var (some, none) = (new CliRun(), new CliRun());

        Assert.Equal(ExitCode.Success, await some.RunAsync("rules", "check", "--config", _file));
        Assert.Equal(ExitCode.Success, await none.RunAsync("rules", "check"));

        Assert.Equal(["2 rules, no fault"], some.Out.Lines);
        Assert.Equal(["1 rule, no fault"], none.Out.Lines);
    }

    [Fact]
    public async Task Check_Faults_TellsEachAndEndsWith2()
    {
        Write("""{ "Pattern": "a/**" }, { "Pattern": "a/b", "Overflow": "some" }""");
        var run = new CliRun();

        Assert.Equal(ExitCode.Usage, await run.RunAsync("rules", "check", "--config", _file));

        Assert.Empty(run.Out.ToString());
        Assert.Contains(run.Error.Lines, static line => line.Contains("Spillway:Rules:1:Overflow is \"some\"", StringComparison.Ordinal));
        Assert.Contains(run.Error.Lines, static line => line.Contains("Spillway:Rules:1:Pattern is \"a/b\", which is never reached", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_CertificateThatServeCouldNotUse_EndsWith2()
    {
        var run = new CliRun().With("SPILLWAY__Serve__Urls", "https://127.0.0.1:0").With("SPILLWAY__Tls__Certificate", _file + ".pem");

        Assert.Equal(ExitCode.Usage, await run.RunAsync("rules", "check"));

        Assert.StartsWith($"spillway: Spillway:Tls:Certificate is \"{_file}.pem\", which cannot be read", run.Error.Lines[0], StringComparison.Ordinal);
    }

    private void Write(string rules) => File.WriteAllText(_file, $$"""{ "Spillway": { "Rules": [ {{rules}} ] } }""");
}
