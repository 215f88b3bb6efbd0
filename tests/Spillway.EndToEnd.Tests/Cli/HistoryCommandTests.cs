using System.Globalization;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Cli;

public sealed class HistoryCommandTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    public void Dispose() => _data.Delete(recursive: true);

    private string[] Segments => [.. Directory.GetFiles(_data.FullName, "*.segment").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Dump_OfAHistory_IsWhatPublishTakes()
    {
        const string Lines = """
            {"topic":"a/é","alternates":["b"],"type":"t","key":"k","id":"own","priority":"critical","ttl":"1h","private":true,"contentType":"application/json","payload":{"x": 1.50}}
            {"topic":"a/2","payloadBase64":"AP8="}
            {"topic":"d","contentType":"application/json","payloadBase64":"ewogIngiOiAxCn0="}
            {"topic":"e","contentType":"application/json","payload":"text"}
            {"topic":"c","payload":"x","final":true}

            """;
        await ServeAsync(_data.FullName, url => PublishAsync(url, Lines));

        var dump = await CommandProcess.RunAsync(["history", "dump", _data.FullName]);
        var part = await CommandProcess.RunAsync(["history", "dump", _data.FullName, "--pattern", "a/*", "--limit", "1"]);
        var second = JsonDocument.Parse(dump.Out.Split('\n')[1]).RootElement.GetProperty("_cursor").GetString()!;
        var rest = await CommandProcess.RunAsync(["history", "dump", _data.FullName, "--after", second]);
        var copy = _data.CreateSubdirectory("copy").FullName;
        await ServeAsync(copy, url => PublishAsync(url, dump.Out));
        var again = await CommandProcess.RunAsync(["history", "dump", copy]);

        Assert.Equal((0, 5), (dump.Code, dump.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Equal(dump.Out.Split('\n').Take(1), part.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(dump.Out.Split('\n').Skip(2), rest.Out.Split('\n'));
        Assert.Equal(Events(dump.Out), Events(again.Out));
    }

    [Fact]
    public async Task VerifyAndStats_WholeThenDamaged_SaySo()
    {
        await ServeAsync(_data.FullName, url => PublishAsync(url, string.Concat(Enumerable.Range(0, 50).Select(static i => $"{{\"topic\":\"t/{i % 5}\",\"payload\":\"number {i}\"}}\n"))));

        var whole = await CommandProcess.RunAsync(["history", "verify", _data.FullName]);
        var stats = await CommandProcess.RunAsync(["history", "stats", _data.FullName, "--json"]);
        var file = Segments[0];
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var at = bytes.AsSpan().IndexOf("number 20"u8);
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        var damaged = await CommandProcess.RunAsync(["history", "verify", _data.FullName]);
        var dump = await CommandProcess.RunAsync(["history", "dump", _data.FullName]);

        Assert.Equal(0, whole.Code);
        Assert.EndsWith(" 50 records, " + Sum(stats.Out).GetProperty("bytes").GetInt64().ToString("N0", CultureInfo.InvariantCulture) + " bytes: whole\n", whole.Out, StringComparison.Ordinal);
        Assert.Equal((50, 5), (Sum(stats.Out).GetProperty("records").GetInt32(), Sum(stats.Out).GetProperty("topics").GetInt32()));
        Assert.Equal(1, damaged.Code);
        Assert.Matches(@"\.segment: damaged after \S+-k up to \S+-l\n", damaged.Out); // 20 and 21 in base 36.
        Assert.Equal((0, 49), (dump.Code, dump.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Contains("is damaged", dump.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_SidecarsAreDamagedOrOfOthers_SaysWhich()
    {
        var config = Path.Combine(_data.FullName, "small.json");
        await File.WriteAllTextAsync(config, """{"Spillway":{"History":{"MaxEvents":160}}}""", TestContext.Current.CancellationToken); // Segments of ten.
        var data = _data.CreateSubdirectory("history").FullName;
        for (var part = 0; part < 4; part++)
        {
            await ServeAsync(data, url => PublishAsync(url, string.Concat(Enumerable.Range(0, 10).Select(i => $"{{\"topic\":\"t/{i}\",\"payload\":\"{part}\"}}\n"))), "--config", config);
        }

        var sidecars = Directory.GetFiles(data, "*.index").Order(StringComparer.Ordinal).ToArray();
        var whole = await CommandProcess.RunAsync(["history", "verify", data]);
        Flip(sidecars[0], ^1);
        File.Copy(sidecars[2], sidecars[1], overwrite: true);
        var bad = await CommandProcess.RunAsync(["history", "verify", data]);
        File.Delete(Path.ChangeExtension(sidecars[0], ".segment"));
        var gone = await CommandProcess.RunAsync(["history", "verify", data]);

        Assert.True(sidecars.Length >= 3);
        Assert.Equal((0, 1, 1), (whole.Code, bad.Code, gone.Code));
        Assert.Contains($", {sidecars.Length} sidecars, 40 records, ", whole.Out, StringComparison.Ordinal);
        Assert.Contains($"{Path.GetFileName(sidecars[0])}: damaged, or of another segment; ", bad.Out, StringComparison.Ordinal);
        Assert.Contains($"{Path.GetFileName(sidecars[1])}: damaged, or of another segment; ", bad.Out, StringComparison.Ordinal);
        Assert.EndsWith(": 2 of them damaged\n", bad.Out, StringComparison.Ordinal);
        Assert.Contains($"{Path.GetFileName(sidecars[0])}: damaged, and its segment is no longer kept; ", gone.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Truncate_BeforeACursor_DropsWholeSegmentsThatAreOlder()
    {
        string[] settings = ["--config", Path.Combine(_data.FullName, "small.json")];
        await File.WriteAllTextAsync(settings[1], """{"Spillway":{"History":{"MaxEvents":160}}}""", TestContext.Current.CancellationToken); // Segments of ten.
        var data = _data.CreateSubdirectory("history").FullName;
        for (var part = 0; part < 5; part++)
        {
            await ServeAsync(data, url => PublishAsync(url, string.Concat(Enumerable.Range(0, 10).Select(i => $"{{\"topic\":\"t\",\"payload\":\"{part}{i}\"}}\n"))), settings);
        }

        var dump = (await CommandProcess.RunAsync(["history", "dump", data])).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var cursor = JsonDocument.Parse(dump[25]).RootElement.GetProperty("_cursor").GetString()!;
        var truncated = await CommandProcess.RunAsync(["history", "truncate", data, "--before", cursor]);
        var left = (await CommandProcess.RunAsync(["history", "dump", data])).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await ServeAsync(data, url => PublishAsync(url, "{\"topic\":\"t\",\"payload\":\"after\"}\n"), settings);

        Assert.StartsWith("deleted 2 segments with 20 records; ", truncated.Out, StringComparison.Ordinal);
        Assert.Equal(dump.Skip(20), left);
        Assert.Equal(31, (await CommandProcess.RunAsync(["history", "dump", data])).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task History_InUseOrNone_IsRefusedWithAReason()
    {
        await ServeAsync(_data.FullName, async _ =>
        {
            foreach (var tool in (string[][])[["verify"], ["stats"], ["dump"], ["truncate", "--before", "7d"]])
            {
                var (code, _, error) = await CommandProcess.RunAsync(["history", tool[0], _data.FullName, .. tool[1..]]);
                Assert.Equal(1, code);
                Assert.Matches("in use by process [0-9]+", error);
            }
        });
        var none = await CommandProcess.RunAsync(["history", "verify", _data.CreateSubdirectory("none").FullName]);
        var bad = await CommandProcess.RunAsync(["history", "truncate", _data.FullName, "--before", "yesterday"]);

        Assert.Equal((1, 2), (none.Code, bad.Code));
        Assert.Contains("There is no history in", none.Error, StringComparison.Ordinal);
        Assert.Contains("--before is \"yesterday\"", bad.Error, StringComparison.Ordinal);
    }

    private static async Task ServeAsync(string data, Func<string, Task> use, params string[] settings)
    {
        var (hub, url) = await CommandProcess.ServeAsync(["--urls", "http://127.0.0.1:0", "--data", data, .. settings]);
        await using (hub)
        {
            await use(url);
            await hub.SignalAsync("TERM");
            Assert.Equal(0, await hub.ExitAsync());
        }
    }

    private static void Flip(string path, Index at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static async Task PublishAsync(string url, string lines)
    {
        var (code, output, error) = await CommandProcess.RunAsync(["publish", "--ndjson", "--hub", url], lines);
        Assert.True(code == 0, output + error);
    }

    private static JsonElement Sum(string stats) => JsonDocument.Parse(stats.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;

    /// <summary>What was published, without what each hub gave it.</summary>
    private static IEnumerable<string> Events(string dump) => dump.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(static line => line[line.IndexOf("\"topic\"", StringComparison.Ordinal)..]);
}
