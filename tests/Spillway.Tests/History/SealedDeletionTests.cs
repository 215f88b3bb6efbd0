using Microsoft.Extensions.Logging.Abstractions;
using Spillway.History;
using Spillway.History.Sealed;
using Spillway.TestKit;

namespace Spillway.Tests.History;

public sealed class SealedDeletionTests : IDisposable
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 8).Select(static i => $"{i}.segment")];

    private readonly MetricCollector _metrics = new();
    private readonly HistoryMetrics _history;

    public SealedDeletionTests() => _history = new HistoryMetrics(_metrics);

    public void Dispose()
    {
        _history.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void DeleteInOrder_FaultsAndAPowerLossAtRandom_NeverLeavesAHole()
    {
        var left = new HashSet<int>();
        for (var seed = 0; seed < 500; seed++)
        {
            var disk = Fill(seed);
            using (var store = Open(disk))
            {
                disk.FaultRate = 0.25;
                disk.DiesAt = disk.Steps + 4 + (seed % 16);
                try
                {
                    Array.ForEach(Names, name => store.DeleteInOrder(name, 0));
                }
                catch (SimulatedCrashException)
                {
                    // Wherever it was.
                }
            }

            disk.FaultRate = 0;
            disk.Restart(powerLoss: true);
            var names = disk.List();
            Assert.Equal(Names[^names.Count..], names);
            left.Add(names.Count);
        }

        Assert.True(left.Count > 5, "Too little was tried.");
    }

    [Fact]
    public void DeleteInOrder_DiskIsWritableAgain_DeletesWhatIsLeftFirst()
    {
        var disk = Fill(1);
        using var store = Open(disk);
        disk.IsReadOnly = true;
        store.DeleteInOrder(Names[0], 0);
        store.DeleteInOrder(Names[1], 0);
        Assert.Equal(Names, disk.List());
        disk.IsReadOnly = false;

        store.DeleteInOrder(Names[2], 0);

        Assert.Equal(Names[3..], disk.List());
    }

    [Fact]
    public void DeleteWaiting_NothingBehindASegmentIsSynced_KeepsIt()
    {
        var disk = Fill(1);
        using var store = Open(disk);
        var synced = 20L;
        store.Synced = () => synced;
        store.DeleteInOrder(Names[0], 10);
        store.DeleteInOrder(Names[1], 20);
        store.DeleteInOrder(Names[2], 30);
        Assert.Equal(Names[1..], disk.List());

        synced = 21;
        store.DeleteWaiting();
        Assert.Equal((2, true), (Names.Length - disk.List().Count, store.HasToDelete));

        synced = 99;
        store.DeleteWaiting();
        Assert.Equal((3, false), (Names.Length - disk.List().Count, store.HasToDelete));
    }

    private static SimulatedDisk Fill(int seed)
    {
        var disk = new SimulatedDisk(seed);
        foreach (var name in Names)
        {
            disk.Create(name).Dispose();
        }

        disk.SyncDirectory();
        return disk;
    }

    private SealedStore Open(SimulatedDisk disk) => new(disk, HistoryRig.Unlimited, _history, NullLogger.Instance);
}
