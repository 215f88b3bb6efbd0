using Spillway.EndToEnd.Tests.Cli;

namespace Spillway.EndToEnd.Tests.Durability;

public sealed class KillTests : IDisposable
{
    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time, for one kill: only a test that fails waits so long.

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("spillway-test-");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    /// <summary>The server is killed at random moments under load; publishers try again with the same ids, a subscriber resumes.</summary>
    [Fact]
    public async Task Serve_KilledManyTimesUnderLoad_KeepsWhatItAcknowledgedOnceAndInOrder()
    {
        var kills = All ? 1_000 : 50;
        var seed = All ? Environment.TickCount : 20_261_121;
        var random = new Random(seed);
        var hub = await ServeAsync("http://127.0.0.1:0");
        try
        {
            await using var follower = Follower.Start(hub.Url);
            await follower.ConnectedAsync().WaitAsync(Patience, Stop); // Else what is published first may not be behind its beginning.
            await using var publishers = new PublisherSet(hub.Url, Client.CommitLevel.Synced, Client.CommitLevel.Written, Client.CommitLevel.Memory);
            for (var kill = 0; kill < kills; kill++)
            {
                await publishers.AdvanceAsync(random.Next(1, 12)).WaitAsync(Patience, Stop);
                await hub.Process.CrashAsync();
                await hub.Process.DisposeAsync();
                hub = await ServeAsync(hub.Url);
            }

            await publishers.AdvanceAsync(1).WaitAsync(Patience, Stop);
            var published = await publishers.StopAsync().WaitAsync(Patience, Stop);
            await follower.SeeAsync(published.Acknowledged).WaitAsync(Patience, Stop);
            var kept = await Follower.ReadAllAsync(hub.Url, published.Acknowledged).WaitAsync(Patience, Stop);

            Assert.Equal((0L, 0L), (follower.Gaps, kept.Gaps));
            Check(published, kept.Events);
            Assert.Equal(kept.Events.Take(follower.Events.Count), follower.Events); // What it saw before a kill is what there is after it.
        }
        catch (Exception fault)
        {
            throw new InvalidOperationException($"Seed {seed}: {fault.Message}", fault);
        }
        finally
        {
            await hub.Process.DisposeAsync();
        }
    }

    /// <summary>Everything acknowledged at a level that survives a kill is there; nothing twice; each publisher's events in their order; batches whole.</summary>
    private static void Check(Published published, IReadOnlyList<string> kept)
    {
        Assert.Equal(kept.Count, kept.Distinct(StringComparer.Ordinal).Count());
        var there = kept.ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(published.Acknowledged, one => !there.Contains(one));
        foreach (var own in kept.Select(static one => one.Split('-')).GroupBy(static parts => parts[0]))
        {
            var numbers = own.Select(static parts => int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.Equal(numbers.Order(), numbers);
            Assert.All(numbers.GroupBy(static number => number / PublisherSet.BatchEvents), static batch => Assert.Equal(PublisherSet.BatchEvents, batch.Count()));
        }
    }

    private async Task<(CommandProcess Process, string Url)> ServeAsync(string url) =>
        await CommandProcess.ServeAsync("--urls", url, "--data", _data.FullName).WaitAsync(Patience, Stop);
}
