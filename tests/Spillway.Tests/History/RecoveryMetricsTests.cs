using Microsoft.Extensions.Logging.Abstractions;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

public sealed class RecoveryMetricsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Open_TornAndDamaged_CountsWhatWasCutAndWhatIsMissing()
    {
        using (var rig = new HistoryRig(store: Open()))
        {
            for (var i = 0; i < 5; i++)
            {
                rig.Append("a", payload: 100);
            }
        }

        var path = Assert.Single(Directory.GetFiles(_directory.Path, "*.segment"));
        var bytes = File.ReadAllBytes(path);
        bytes[SegmentHeader.Length + 150] ^= 1; // In the second record.
        File.WriteAllBytes(path, bytes[..^7]);

        using var metrics = new MetricCollector();
        using var opened = new HistoryRig(store: Open(), metrics: metrics);

        Assert.Equal(1, metrics.Sum("spillway.history.damages"));
        Assert.InRange(metrics.Sum("spillway.history.cut_bytes"), 100, 150);
        Assert.NotEqual(0, metrics.Count("spillway.history.open_duration"));
        Assert.Equal(0, metrics.Sum("spillway.history.unsynced_offsets"));
        opened.Append("a");
        Assert.Equal(1, metrics.Sum("spillway.history.unsynced_offsets"));
        opened.History.Sync();
        Assert.Equal(0, metrics.Sum("spillway.history.unsynced_offsets"));
    }

    private DirectoryStore Open() => DirectoryStore.Open(_directory.Path, NullLogger.Instance);
}
