using Spillway.History;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Sidecars and sealed records that are damaged, gone or cannot be written.</summary>
public sealed class SealedDamageTests : IDisposable
{
    private const int SidecarRebuilt = 2521;
    private const int DamageFound = 2526;

    private static readonly bool All = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";
    private readonly SealedRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_SidecarsAreGone_MakesThemAgain()
    {
        _rig.Fill(events: 100);
        Array.ForEach(_rig.Sidecars, File.Delete);

        using var rig = _rig.Open();

        Assert.Equal(9, _rig.Sidecars.Length);
        SealedRig.Check(rig, 100);
    }

    [Fact]
    public void Load_AnyByteOfASidecarIsChanged_AnswersTheSame()
    {
        _rig.Fill(events: 40);
        var step = All ? 3 : 11;
        var path = _rig.Sidecars[1];
        var good = File.ReadAllBytes(path);
        for (var at = 0; at < good.Length; at += step)
        {
            var bad = good.ToArray();
            bad[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(path, bad);

            using var rig = _rig.Open();
            SealedRig.Check(rig, 40);
        }
    }

    [Fact]
    public void Load_SidecarIsCutWhileTheHubRuns_MakesItAgain()
    {
        _rig.Fill(events: 40);
        using var rig = _rig.Open();
        var path = _rig.Sidecars[2];
        var good = File.ReadAllBytes(path);
        File.WriteAllBytes(path, good[..^20]);

        SealedRig.Check(rig, 40);
        rig.History.Settle();

        Assert.Equal(good, File.ReadAllBytes(path));
        Assert.Contains(SidecarRebuilt, _rig.Logs.Lines.Select(static line => line.Id));
        Assert.Equal(1, _rig.Metrics.Sum("spillway.history.index_rebuilds"));
    }

    [Fact]
    public void Read_RecordIsDamaged_TellsAGapForItAloneAndGoesOn()
    {
        _rig.Fill(events: 40, payload: 50);
        SealedRig.Damage(_rig.Segments[1], record: 4); // Offset 15.
        using var rig = _rig.Open();

        var (found, gaps) = SealedRig.ReadAll(rig, "**");
        var (others, otherGaps) = SealedRig.ReadAll(rig, "t/1");

        Assert.Equal(Enumerable.Range(1, 40).Where(static i => i != 15).Select(static i => (long)i), found);
        Assert.Equal([new HistoryGap(14, 15, null, Corrupt: true)], gaps);
        Assert.Equal(found.Where(static offset => offset % 5 == 1 && offset != 21), others);
        Assert.Single(otherGaps); // Whether the lost one was selected nobody can know.
        Assert.Contains(DamageFound, _rig.Logs.Lines.Select(static line => line.Id));
        Assert.Equal(1, _rig.Metrics.Sum("spillway.history.damages"));
    }

    [Fact]
    public void Read_DiskFailsForOneSegment_TellsAGapForItAndServesTheRest()
    {
        _rig.Fill(events: 40, payload: 50);
        var disk = new WatchedDisk(_rig.Path);
        using var rig = _rig.Open(disk);
        var bad = Path.GetFileName(_rig.Segments[1]);
        disk.OnRead = (name, _) => _ = name == bad ? throw new IOException("Input/output error", 5) : 0;

        var (found, gaps) = SealedRig.ReadAll(rig, "**");

        Assert.Equal(Enumerable.Range(1, 40).Where(static i => i is <= 10 or > 20).Select(static i => (long)i), found);
        Assert.Equal([new HistoryGap(10, 20, null, Corrupt: true)], gaps);
    }

    [Fact]
    public void Snapshot_RecordIsDamaged_GoesOnWithoutItAndTellsIt()
    {
        _rig.Fill(events: 41, payload: 50);
        SealedRig.Damage(_rig.Segments[3], record: 7); // Offset 38, the newest of t/3.
        using var rig = _rig.Open();

        var snapshot = rig.History.Snapshot(HistoryRig.Select("t/*"), 41, 100, int.MaxValue);
        var cut = rig.History.Snapshot(HistoryRig.Select("t/*"), 41, 3, int.MaxValue);
        var since = rig.History.FindSince(rig.Now + 1);

        Assert.Equal([28, 37, 39, 40, 41], HistoryRig.Offsets(snapshot.Records)); // Whose it was nobody can know: the topic's one before is in an older segment.
        Assert.Equal([new HistoryGap(37, 38, null, Corrupt: true)], snapshot.Damage);
        Assert.Null(snapshot.Missing);
        Assert.Equal([39, 40, 41], HistoryRig.Offsets(cut.Records));
        Assert.Equal((new HistoryGap(0, 37, null, Corrupt: false), 1), (cut.Missing, cut.Damage.Count));
        Assert.Equal(41, since);
    }

    [Fact]
    public void Seal_SidecarCannotBeWritten_ReadsAndMakesTheIndexWhenItIsWanted()
    {
        var disk = new WatchedDisk(_rig.Path) { OnCreate = static name => _ = name.EndsWith(".segment", StringComparison.Ordinal) ? 0 : name == "state" ? 0 : throw new IOException("No space left on device", 28) };
        using var rig = _rig.Open(disk);
        SealedRig.Append(rig, 40, payload: 0);
        rig.History.Sync();
        rig.History.Settle();

        SealedRig.Check(rig, 40);

        Assert.Empty(_rig.Sidecars);
        Assert.True(_rig.Metrics.Sum("spillway.history.index_rebuilds") > 0);
    }

    [Fact]
    public void Read_SidecarOfDroppedEventsIsDamaged_TellsAGapWithoutCount()
    {
        _rig.Fill(events: 100);
        using var rig = _rig.Open(limits: HistoryRig.Unlimited with { MaxEvents = 25 });
        rig.History.Settle();
        var path = _rig.Sidecars[3];
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        var gap = rig.History.Read(HistoryRig.Select("t/*"), 0, 100, 1).Missing!;

        Assert.Equal((80L, null), (gap.To, gap.Count));
    }
}
