using System.Net.WebSockets;
using Spillway.Client;
using Spillway.EndToEnd.Tests.Cli;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>A process takes over from another: the same directory, the same port.</summary>
public sealed class RollingRestartTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time: only a test that fails waits so long.

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_root.FullName, "data");

    private string Config => Path.Combine(_root.FullName, "spillway.json");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task Serve_SecondWaitsAndFirstIsToldToStop_NothingIsMissingOnAnyTransport()
    {
        const int Restarts = 3;
        await File.WriteAllTextAsync(Config, """{ "Spillway": { "Sse": { "AcceptRate": 20 } } }""", Stop); // So that even a few leave in slices.
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data, "--config", Config);
        try
        {
            await using var events = new SseFollower(url);
            await using var socket = new WebSocketFollower(url);
            await using var polls = new PollFollower(url);
            await using var clientEvents = Follower.Start(url, Transport.Sse);
            await using var clientSocket = Follower.Start(url, Transport.WebSocket);
            await using var clientPolls = Follower.Start(url, Transport.LongPolling);
            RawFollower[] followers = [events, socket, polls];
            Follower[] clients = [clientEvents, clientSocket, clientPolls];
            await Task.WhenAll(followers.Select(static one => one.StartAsync()).Concat(clients.Select(static one => one.ConnectedAsync()))).WaitAsync(Patience, Stop);
            await using var publishers = new PublisherSet(url, Client.CommitLevel.Synced, Client.CommitLevel.Written);
            for (var restart = 0; restart < Restarts; restart++)
            {
                hub = await TakeOverAsync(hub, url, publishers);
                await publishers.AdvanceAsync(1).WaitAsync(Patience, Stop);
                await Task.WhenAll(followers.Select(one => one.Received.SeeAsync(publishers.Acknowledged))).WaitAsync(Patience, Stop); // So they are back.
            }

            var acknowledged = (await publishers.StopAsync().WaitAsync(Patience, Stop)).Acknowledged;
            await Task.WhenAll(followers.Select(one => one.Received.SeeAsync(acknowledged)).Concat(clients.Select(one => one.SeeAsync(acknowledged)))).WaitAsync(Patience, Stop);
            var kept = await Follower.ReadAllAsync(url, acknowledged).WaitAsync(Patience, Stop);

            Assert.Equal(acknowledged.Order(StringComparer.Ordinal), kept.Events.Order(StringComparer.Ordinal));
            IReadOnlyList<string>[] seen = [.. followers.Select(static one => one.Received.Events), .. clients.Select(static one => one.Events)];
            Assert.All(seen, one => Assert.Equal(kept.Events, one)); // All, once, in order.
            Assert.Equal(0, kept.Gaps + clients.Sum(static one => one.Gaps) + followers.Sum(static one => one.Gaps));
            Assert.All((RawFollower[])[events, socket], static one => Assert.InRange(one.Drains, Restarts, int.MaxValue)); // A hub tells who polls, if it waits just then.
            Assert.All(socket.Closes, static code => Assert.Equal((WebSocketCloseStatus)1012, code));
        }
        finally
        {
            await hub.DisposeAsync();
        }
    }

    [Fact]
    public async Task Serve_ToldToStop_TakesAndDeliversEventsWhileItsSubscribersLeaveInSlices()
    {
        await File.WriteAllTextAsync(Config, """{ "Spillway": { "Sse": { "AcceptRate": 1 } } }""", Stop);
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data, "--config", Config);
        await using var stopped = hub;
        var followers = Enumerable.Range(0, 10).Select(_ => new SseFollower(url)).ToList();
        foreach (var follower in followers)
        {
            await follower.StartAsync().WaitAsync(Patience, Stop);
        }

        await hub.SignalAsync("TERM");
        Assert.True(SpinWait.SpinUntil(() => followers.Exists(static one => one.Drains > 0), Patience), "Nobody was told.");
        var published = await CommandProcess.RunAsync(["publish", "kill/a", "during", "--hub", url]);
        await Task.WhenAny(followers.Select(static one => one.Received.SeeAsync(["during"]))).WaitAsync(Patience, Stop);

        Assert.Equal(0, published.Code);
        Assert.Contains(followers, static one => one.Drains == 0);
        await Task.WhenAll(followers.Select(static one => one.DisposeAsync().AsTask())).WaitAsync(Patience, Stop);
        Assert.Equal(0, await hub.ExitAsync());
    }

    [Fact]
    public async Task Serve_ToldToStopWhileItWaits_StopsAtOnce()
    {
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0", "--data", Data);
        await using var first = hub;
        await using var second = CommandProcess.Start("serve", "--urls", url, "--data", Data, "--lock-wait", "1h");
        await second.Error.WaitForAsync("Waiting for that", Stop);

        await second.SignalAsync("TERM");

        Assert.Equal((1, ""), (await second.ExitAsync(), second.Out.ToString()));
        Assert.Equal("spillway: interrupted.", second.Error.Lines[^1]);
        Assert.Equal(0, (await CommandProcess.RunAsync(["publish", "a", "still served", "--hub", url])).Code);
    }

    /// <summary>Starts a process that waits for the history, has the one before it stop, and returns it once it listens.</summary>
    private async Task<CommandProcess> TakeOverAsync(CommandProcess first, string url, PublisherSet publishers)
    {
        var second = CommandProcess.Start("serve", "--urls", url, "--data", Data, "--config", Config, "--lock-wait", "1m");
        try
        {
            Assert.Contains($"in use by process {first.Id};", await second.Error.WaitForAsync("Waiting for that", Stop), StringComparison.Ordinal);
            await publishers.AdvanceAsync(2).WaitAsync(Patience, Stop); // By the first: the second has not bound the port.
            Assert.Equal("", second.Out.ToString());
            await first.SignalAsync("TERM");
            await second.Out.WaitForAsync($"listening on {url}", Stop);
            Assert.Equal(0, await first.ExitAsync());
            await first.DisposeAsync();
            return second;
        }
        catch
        {
            await second.DisposeAsync();
            throw;
        }
    }
}
