using System.Text.Json;
using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>A hub as a process takes changed rules over while a subscriber is connected.</summary>
public sealed class RuleReloadTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Serve_FileChangesOrSighup_TakesRulesOverWithoutDroppingAConnection()
    {
        await WriteAsync("""{ "Spillway": { "Rules": [ { "Pattern": "first/**", "History": false } ] } }""");
        await using var hub = CommandProcess.Start("serve", "--urls", "http://127.0.0.1:0", "--config", _file);
        var url = await UrlOfAsync(hub);
        await using var subscriber = CommandProcess.Start("subscribe", "--pattern", "**", "--exit-after", "4", "--hub", url);
        await subscriber.Error.WaitForAsync("connected to", Stop);
        using var publisher = new SpillwayClient(new SpillwayClientOptions { BaseAddress = new Uri(url) });

        await PublishAsync(publisher, "first/a");
        await WriteAsync("""{ "Spillway": { "Rules": [ { "Pattern": "second/**", "History": false } ] } }""");
        await hub.Error.WaitForAsync("Changed rules are in force: 1", Stop); // By the look at the file alone.
        await PublishAsync(publisher, "first/a");
        await PublishAsync(publisher, "second/a");

        await WriteAsync("""{ "Spillway": { "Rules": [ { "Pattern": "second/**", "History": """);
        await hub.SignalAsync("HUP");
        await hub.Error.WaitForAsync("The changed configuration is refused", Stop);
        using var http = new HttpClient();
        Assert.Equal("""{"status":"ready"}""", await http.GetStringAsync(url + "/health/ready", Stop));

        await WriteAsync("""{ "Spillway": { "Rules": [ { "Pattern": "third/**", "History": false }, { "Pattern": "x" } ], "Sse": { "KeepAlive": "1s" }, "Serve": { "LogFormat": "json" } } }""");
        await hub.SignalAsync("HUP");
        await hub.Error.WaitForAsync("Changed rules are in force: 2", Stop);
        await PublishAsync(publisher, "third/a");

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.Equal(["first/a", "first/a", "second/a", "third/a"], subscriber.Out.Lines.Select(static line => line.Split('\t')[1]));
        Assert.DoesNotContain("again", subscriber.Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(["first/a"], await KeptAsync(http, url)); // The one of the time when its rule was gone.
        Assert.Contains("not in force before a restart: Spillway:Sse:KeepAlive", hub.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("not in force before a restart: Spillway:Serve:LogFormat", hub.Error.ToString(), StringComparison.Ordinal);
        Assert.Matches("spillway_hub_reloads_total{result=\"refused\"} [1-9]", await http.GetStringAsync(url + "/metrics", Stop)); // By the signal, and perhaps by a look.
        await hub.SignalAsync("TERM");
        Assert.Equal(0, await hub.ExitAsync());
    }

    [Fact]
    public async Task Serve_SighupWithoutAFile_GoesOn()
    {
        await using var hub = CommandProcess.Start("serve", "--urls", "http://127.0.0.1:0");
        var url = await UrlOfAsync(hub);

        await hub.SignalAsync("HUP");

        await hub.Error.WaitForAsync("nothing that the hub takes over has changed", Stop);
        using var http = new HttpClient();
        Assert.Equal("""{"status":"ready"}""", await http.GetStringAsync(url + "/health/ready", Stop));
    }

    [Fact]
    public async Task Rules_FileOfServe_AreCheckedAndExplained()
    {
        await WriteAsync("""{ "Spillway": { "Rules": [ { "Pattern": "a/**", "Ttl": "5s" }, { "Pattern": "a/b" } ] } }""");
        var broken = await CommandProcess.RunAsync(["rules", "check", "--config", _file]);
        await WriteAsync("""{ "Spillway": { "Rules": [ { "Pattern": "a/b" }, { "Pattern": "a/**", "Ttl": "5s" } ] } }""");
        var right = await CommandProcess.RunAsync(["rules", "check", "--config", _file]);
        var explained = await CommandProcess.RunAsync(["rules", "explain", "a/c", "--config", _file, "--json"]);

        Assert.Equal((2, ""), (broken.Code, broken.Out));
        Assert.Contains("Spillway:Rules:1:Pattern is \"a/b\", which is never reached", broken.Error, StringComparison.Ordinal);
        Assert.Equal((0, ""), (right.Code, right.Error));
        var json = JsonDocument.Parse(explained.Out).RootElement;
        Assert.Equal((1, "5s"), (json.GetProperty("rule").GetInt32(), json.GetProperty("options").GetProperty("Ttl").GetProperty("value").GetString()));
    }

    /// <summary>Whole, under another name first: as a reader may see it, a file is written in one step.</summary>
    private async Task WriteAsync(string text)
    {
        await File.WriteAllTextAsync(_file + ".new", text, Stop);
        File.Move(_file + ".new", _file, overwrite: true);
    }

    private static async Task<string> UrlOfAsync(CommandProcess hub)
    {
        const string Ready = "listening on ";
        return (await hub.Out.WaitForAsync(Ready, Stop))[Ready.Length..];
    }

    private static async Task PublishAsync(SpillwayClient publisher, string topic) => await publisher.PublishAsync(new OutgoingEvent { Topic = topic, Text = "x" }, Stop);

    private static async Task<string[]> KeptAsync(HttpClient http, string url)
    {
        var page = JsonDocument.Parse(await http.GetStringAsync(url + "/admin/topics", Stop)).RootElement;
        return [.. page.GetProperty("topics").EnumerateArray().Select(static topic => topic.GetProperty("topic").GetString() ?? "")];
    }
}
