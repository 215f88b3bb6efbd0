using Spillway.Client;
using Spillway.EndToEnd.Tests.Cli;
using Spillway.EndToEnd.Tests.Durability;

namespace Spillway.EndToEnd.Tests.Clients;

/// <summary>A client over each transport, while its hub is killed, or stopped, and started again.</summary>
public sealed class RestartTests : IDisposable
{
    private const int Rounds = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time, for one restart: only a test that fails waits so long.

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [InlineData(Transport.Sse, false)]
    [InlineData(Transport.Sse, true)]
    [InlineData(Transport.WebSocket, false)]
    [InlineData(Transport.WebSocket, true)]
    [InlineData(Transport.LongPolling, false)]
    [InlineData(Transport.LongPolling, true)]
    public async Task SubscribeAsync_HubIsRestartedUnderLoad_MissesAndRepeatsNothing(Transport transport, bool kindly)
    {
        var hub = await ServeAsync("http://127.0.0.1:0");
        try
        {
            await using var follower = Follower.Start(hub.Url, transport);
            await follower.ConnectedAsync().WaitAsync(Patience, Stop); // Else what is published first may not be behind its beginning.
            await using var publishers = new PublisherSet(hub.Url, Client.CommitLevel.Synced, Client.CommitLevel.Written);
            for (var round = 0; round < Rounds; round++)
            {
                await publishers.AdvanceAsync(1 + round).WaitAsync(Patience, Stop);
                if (kindly)
                {
                    await hub.Process.SignalAsync("TERM");
                    Assert.Equal(0, await hub.Process.ExitAsync());
                }
                else
                {
                    await hub.Process.CrashAsync();
                }

                await hub.Process.DisposeAsync();
                hub = await ServeAsync(hub.Url);
            }

            await publishers.AdvanceAsync(1).WaitAsync(Patience, Stop);
            var published = await publishers.StopAsync().WaitAsync(Patience, Stop);
            await follower.SeeAsync(published.Acknowledged).WaitAsync(Patience, Stop);
            var kept = await Follower.ReadAllAsync(hub.Url, published.Acknowledged).WaitAsync(Patience, Stop);

            Assert.Equal((0L, 0L), (follower.Gaps, kept.Gaps));
            Assert.Equal(kept.Events.Count, kept.Events.Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(kept.Events.Take(follower.Events.Count), follower.Events);
            Assert.InRange(follower.Reconnects, 1, long.MaxValue);
        }
        finally
        {
            await hub.Process.DisposeAsync();
        }
    }

    private async Task<(CommandProcess Process, string Url)> ServeAsync(string url) =>
        await CommandProcess.ServeAsync("--urls", url, "--data", _data.FullName).WaitAsync(Patience, Stop);
}
