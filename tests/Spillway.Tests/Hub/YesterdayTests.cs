using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Tests.History;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>A thousand subscribers resume from sealed segments on a disk that does not answer: publishers and live subscribers do not notice, and nothing grows.</summary>
public sealed class YesterdayTests : IDisposable
{
    private const int Resumes = 1_000;
    private const int Events = 3_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // Real time: only a test that fails waits so long.

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("spillway-test-");
    private readonly ManualResetEventSlim _disk = new(true);

    public void Dispose()
    {
        _disk.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Subscribe_AThousandFromSealedSegmentsOnAStalledDisk_LeaveLiveDeliveryAlone()
    {
        var options = Small();
        options.Delivery.WindowEvents = 1_024; // The live subscriber stays in it.
        options.Delivery.ReplayPages = 8;
        var disk = new WatchedDisk(_directory.FullName);
        await using var harness = new HubHarness(
            options, limits: HistoryRig.Unlimited with { SegmentEvents = 500 }, store: DirectoryStore.Open(
                _directory.FullName, disk, DirectoryLock.Acquire(_directory.FullName), NullLogger.Instance));
        Publish(harness, 0, Events);
        harness.History.Sync();
        harness.History.Settle(); // All but the newest segment are sealed: their records are on the disk only.
        var (_, live) = await harness.ConnectAsync(Request("a"));

        using var reached = new SemaphoreSlim(0);
        _disk.Reset();
        disk.OnRead = (name, _) => Stall(name, reached);
        var late = new List<TestConnection>();
        for (var i = 0; i < Resumes; i++)
        {
            late.Add((await harness.ConnectAsync(Request("a") with { Start = StartKind.Cursor, Cursor = new Position(harness.History.Epoch, i % 10).ToString() })).Connection);
        }

        Assert.True(await reached.WaitAsync(Patience, TestContext.Current.CancellationToken), "Nobody reads.");
        Publish(harness, Events, Events + 100);
        await harness.UntilAsync(() => live.Payloads().Length == 100, "live events");
        Assert.InRange(harness.Hub.Replayer.PagesInFlight, 1, options.Delivery.ReplayPages);
        Assert.All(late, static connection => Assert.Empty(connection.Payloads()));

        disk.OnRead = null;
        _disk.Set();
        var last = Encoding(Events + 99);
        var most = 0;
        await harness.UntilAsync(
            () =>
            {
                most = Math.Max(most, harness.Hub.Replayer.PagesInFlight);
                return late.TrueForAll(connection => connection.Bytes.AsSpan().IndexOf(last) >= 0);
            },
            "all resumes");

        Assert.InRange(most, 0, options.Delivery.ReplayPages);
        Assert.InRange(harness.Hub.Replayer.CacheBytes, 0, options.Delivery.ReplayCacheBytes);
        Assert.Equal(Enumerable.Range(9, Events + 100 - 9).Select(static i => $"{i}"), late[9].Received());
        Assert.True(disk.BytesRead.Where(static file => file.Key.EndsWith(".segment", StringComparison.Ordinal)).Sum(static file => file.Value) < 100 * Events * 100L,
            "What a thousand wanted was read for each of them.");
    }

    private static byte[] Encoding(int number) => System.Text.Encoding.UTF8.GetBytes($"data: {number}\n");

    private static void Publish(HubHarness harness, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            SmallHub.Publish(harness, "a", $"{i}");
        }
    }

    private void Stall(string name, SemaphoreSlim reached)
    {
        if (name.EndsWith(".segment", StringComparison.Ordinal))
        {
            reached.Release();
            if (!_disk.Wait(Patience))
            {
                throw new TimeoutException("The test did not let the disk go on.");
            }
        }
    }
}
