using System.Diagnostics;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Cli;

public sealed class CommandLineTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishAndSubscribe_OverAServedHub_MeetEachOther()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        await using var subscriber = CommandProcess.Start("subscribe", "greetings", "--pattern", "plant/**", "--json", "--exit-after", "4", "--hub", url);
        await subscriber.Error.WaitForAsync("connected to", Stop);

        var published = await CommandProcess.RunAsync(["publish", "greetings", "hello", "--type", "greet", "--key", "k", "--hub", url]);
        var fromInput = await CommandProcess.RunAsync(["publish", "plant/1/temperature", "-", "--content-type", "application/json", "--hub", url], "{\"celsius\": 21.5}");
        var lines = await CommandProcess.RunAsync(
            ["publish", "--ndjson", "--hub", url], "{\"topic\":\"plant\",\"payload\":1}\n{\"topic\":\"bad/*\"}\n\n{\"topic\":\"elsewhere\"}\n{\"topic\":\"plant/2\",\"payloadBase64\":\"AP8=\"}\n");

        Assert.Equal((0, 0, 1), (published.Code, fromInput.Code, lines.Code));
        Assert.Matches(@"^accepted 3, duplicates 0, refused 1, cursor \S+\n$", lines.Out);
        Assert.StartsWith("spillway: line 2: 400 ", lines.Error, StringComparison.Ordinal);
        Assert.Equal(0, await subscriber.ExitAsync());
        var events = subscriber.Out.Lines.Select(static line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["greetings", "plant/1/temperature", "plant", "plant/2"], events.Select(static e => e.GetProperty("topic").GetString()));
        Assert.Equal(("greet", "k", "hello"), (events[0].GetProperty("type").GetString(), events[0].GetProperty("key").GetString(), events[0].GetProperty("payload").GetString()));
        Assert.Equal(21.5, events[1].GetProperty("payload").GetProperty("celsius").GetDouble());
        Assert.Equal("AP8=", events[3].GetProperty("payloadBase64").GetString());
        Assert.EndsWith(events[0].GetProperty("cursor").GetString() + "\n", published.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TopicsAndStatus_OfAServedHub_AreShown()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        await CommandProcess.RunAsync(["publish", "b", "x", "--hub", url]);
        await CommandProcess.RunAsync(["publish", "a", "x", "--hub", url]);
        await CommandProcess.RunAsync(["publish", "a", "y", "--hub", url]);
        await CommandProcess.RunAsync(["publish", "b", "--end", "--hub", url]);

        var topics = await CommandProcess.RunAsync(["topics", "--hub", url]);
        var status = await CommandProcess.RunAsync(["status", "--json", "--hub", url]);
        var refused = await CommandProcess.RunAsync(["publish", "b", "late", "--hub", url]);

        Assert.Matches(@"^ +2  \S+Z  open   a\n +1  \S+Z  ended  b\n$", topics.Out);
        Assert.Equal(("memory", 2), (JsonDocument.Parse(status.Out).RootElement.GetProperty("history").GetString(), JsonDocument.Parse(status.Out).RootElement.GetProperty("topics").GetInt32()));
        Assert.Equal(1, refused.Code);
        Assert.Contains("409 topic-ended", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subscribe_StartingPoints_BeginThere()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        var first = await CommandProcess.RunAsync(["publish", "a", "1", "--key", "x", "--hub", url]);
        await CommandProcess.RunAsync(["publish", "a", "2", "--key", "y", "--hub", url]);
        await CommandProcess.RunAsync(["publish", "a", "3", "--key", "x", "--hub", url]);
        var cursor = first.Out.Trim()[(first.Out.IndexOf("cursor ", StringComparison.Ordinal) + 7)..];

        Assert.Equal("1 2 3", await PayloadsAsync(3, "--earliest"));
        Assert.Equal("1 2 3", await PayloadsAsync(3, "--since", "10m"));
        Assert.Equal("3", await PayloadsAsync(1, "--last", "1"));
        Assert.Equal("2 3", await PayloadsAsync(2, "--cursor", cursor));
        Assert.Equal("2 3", await PayloadsAsync(2, "--snapshot"));

        async Task<string> PayloadsAsync(int count, params string[] options)
        {
            var run = await CommandProcess.RunAsync(["subscribe", "a", "--exit-after", $"{count}", "--hub", url, .. options]);
            return string.Join(' ', run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split('\t')[3]));
        }
    }

    [Fact]
    public async Task Subscribe_ReaderOfItsOutputHasGone_Ends()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        await CommandProcess.RunAsync(["publish", "a", "1", "--hub", url]);
        await using var pipeline = CommandProcess.Start("/bin/bash", ["-c", $"set -o pipefail; '{CommandProcess.Executable}' subscribe a --earliest --hub {url} | head -n 1"]);
        await pipeline.Out.WaitForAsync("\t1", Stop);

        await CommandProcess.RunAsync(["publish", "a", "2", "--hub", url]);

        Assert.Equal(0, await pipeline.ExitAsync());
        Assert.Single(pipeline.Out.Lines);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Subscribe_Signalled_ExitsWith0AndSaysHowToGoOn(string signal)
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var _ = hub;
        await using var subscriber = CommandProcess.Start("subscribe", "a", "--hub", url);
        await subscriber.Error.WaitForAsync("connected to", Stop);

        await subscriber.SignalAsync(signal);

        Assert.Equal(0, await subscriber.ExitAsync());
        Assert.StartsWith("spillway: to go on later, use --cursor ", subscriber.Error.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_Built_AnswersInUnderASecond()
    {
        var fastest = TimeSpan.MaxValue; // Of five: other tests run at the same time.
        for (var i = 0; i < 5; i++)
        {
            var began = Stopwatch.GetTimestamp();
            var help = await CommandProcess.RunAsync(["--help"]);
            var took = Stopwatch.GetElapsedTime(began);

            Assert.Equal(0, help.Code);
            fastest = took < fastest ? took : fastest;
        }

        Assert.InRange(fastest.TotalSeconds, 0, 1);
    }
}
