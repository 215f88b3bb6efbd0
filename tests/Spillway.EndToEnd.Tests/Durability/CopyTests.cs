using System.Diagnostics;
using System.Text.Json;
using Spillway.Client;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>Copies of a history, made and restored as operators do, with subscribers that come back from the original.</summary>
public sealed class CopyTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Original => Path.Combine(_root.FullName, "original");

    private string Copy => Path.Combine(_root.FullName, "copy");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Copy_BesideTheOriginal_BothServeAndNoCursorIsMistaken()
    {
        List<string> cursors;
        await using (var first = await StartAsync(Original))
        {
            cursors = await PublishAsync(first, "1", "2", "3");
        }

        await ShellAsync("cp", "-a", Original, Copy);
        await using var original = await StartAsync(Original);
        await using var copy = await StartAsync(Copy);
        cursors.AddRange(await PublishAsync(original, "left"));
        var right = Assert.Single(await PublishAsync(copy, "right"));

        using var known = await StreamSubscriber.OpenedAsync(copy.Client, "/events?topic=a", cursors[1]); // Last-Event-ID
        using var byQuery = await StreamSubscriber.OpenedAsync(copy.Client, $"/events?topic=a&cursor={cursors[2]}");
        using var further = await StreamSubscriber.OpenAsync(copy.Client, "/events?topic=a", cursors[3]);
        using var back = await StreamSubscriber.OpenAsync(original.Client, "/events?topic=a", right);

        Assert.Equal(["3", "right"], await known.NextDataAsync(2));
        var next = await byQuery.NextAsync();
        Assert.Equal(("right", right), (next.Data, next.LastEventId));
        Assert.Equal(["spillway-open", "lost " + cursors[3], "right"], await TellAsync(further, 3)); // From where both are the same.
        Assert.Equal(["spillway-open", "lost " + right, "1", "2", "3", "left"], await TellAsync(back, 6)); // The original has never heard of the copy.
        await original.PublishAsync("a", "live left");
        await copy.PublishAsync("a", "live right");
        Assert.Equal("live left", (await back.NextAsync()).Data);
        Assert.Equal("live right", (await known.NextAsync()).Data);
    }

    [Fact]
    public async Task Restore_OlderCopyInPlace_ClientGoesOnWithAGapForWhatIsLost()
    {
        List<string> cursors;
        await using (var hub = await StartAsync(Original))
        {
            cursors = await PublishAsync(hub, "1", "2");
            await ShellAsync("cp", "-a", Original, Copy); // While it runs.
            cursors.AddRange(await PublishAsync(hub, "3", "4"));
        }

        Directory.Delete(Original, recursive: true);
        await ShellAsync("cp", "-a", Copy, Original);
        await using var restored = await StartAsync(Original);
        await PublishAsync(restored, "new");
        using var client = new SpillwayClient(restored.Address);
        var (behind, ahead) = (await ReadAsync(client, cursors[0]), await ReadAsync(client, cursors[3]));

        Assert.Equal(["2", "new"], behind);
        Assert.Equal(["Lost", "new"], ahead);
    }

    [Fact]
    public async Task Fork_OfACopyThatCannotBeTold_IsWhatTheHubGoesOnWith()
    {
        List<string> cursors;
        await using (var before = await StartAsync(Original))
        {
            cursors = await PublishAsync(before, "1", "2", "3");
        }

        var fork = await CommandProcess.RunAsync(["history", "fork", Original]);
        await using var hub = await StartAsync(Original);
        await PublishAsync(hub, "4");
        using var subscriber = await StreamSubscriber.OpenedAsync(hub.Client, "/events?topic=a", cursors[1]);

        Assert.Equal((0, ""), (fork.Code, fork.Error));
        Assert.Contains($" was at {cursors[2]}: ", fork.Out, StringComparison.Ordinal);
        Assert.Equal(["3", "4"], await subscriber.NextDataAsync(2));
    }

    [Fact]
    public async Task SetBack_UnderTheSameFiles_WarnsOnceASubscriberShowsIt()
    {
        await using var hub = await StartAsync(Original);
        var cursor = Assert.Single(await PublishAsync(hub, "1")); // Epoch and "-1".

        using var first = await StreamSubscriber.OpenedAsync(hub.Client, "/events?topic=a", cursor + "000");
        using var second = await StreamSubscriber.OpenedAsync(hub.Client, "/events?topic=a", cursor + "0000");

        Assert.Contains($"{cursor}000, further than this hub has ever been", Assert.Single(hub.Logs.Lines, static line => line.Id == 3002).Text, StringComparison.Ordinal);
    }

    private static Task<HubServer> StartAsync(string data) => HubServer.StartAsync(options => options.History.Data = data);

    private static async Task<List<string>> PublishAsync(HubServer hub, params string[] payloads)
    {
        var cursors = new List<string>();
        foreach (var payload in payloads)
        {
            cursors.Add((await hub.PublishAsync("a", payload)).Cursor);
        }

        return cursors;
    }

    private static async Task ShellAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(0, process.ExitCode);
    }

    /// <summary>What comes: the payloads, the reasons and beginnings of gaps, the names of other signals.</summary>
    private static async Task<List<string>> TellAsync(StreamSubscriber subscriber, int count)
    {
        var told = new List<string>();
        while (told.Count < count)
        {
            var next = await subscriber.NextAsync();
            told.Add(next.Type switch
            {
                "spillway-gap" => JsonElement.Parse(next.Data) is var gap ? $"{gap.GetProperty("reason")} {gap.GetProperty("from")}" : "",
                "message" => next.Data,
                _ => next.Type,
            });
        }

        return told;
    }

    /// <summary>What the client library hands out after a cursor, up to the event "new".</summary>
    private static async Task<List<string>> ReadAsync(SpillwayClient client, string cursor)
    {
        var read = new List<string>();
        await foreach (var item in client.SubscribeAsync(new SubscribeOptions { Topics = ["a"], Start = StartingPoint.After(cursor) }, Stop))
        {
            if (item is GapNotice gap)
            {
                read.Add(gap.Reason.ToString());
            }
            else if (item is ReceivedEvent received)
            {
                read.Add(System.Text.Encoding.UTF8.GetString(received.Payload.Span));
                if (read[^1] == "new")
                {
                    break;
                }
            }
        }

        return read;
    }
}
