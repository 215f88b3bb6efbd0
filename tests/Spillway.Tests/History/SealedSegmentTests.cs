using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Segments whose index is in a sidecar: they answer as those in memory do.</summary>
public sealed class SealedSegmentTests : IDisposable
{
    private readonly SealedRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Open_GoodSidecars_ReadsOnlyTheHeadsOfSealedSegments()
    {
        _rig.Fill(events: 100, payload: 1_000);
        var disk = new WatchedDisk(_rig.Path);

        using var rig = _rig.Open(disk);

        var segments = _rig.Segments.Select(Path.GetFileName).ToArray();
        Assert.Equal(10, segments.Length); // The last of them may be appended to.
        Assert.All(segments[..^1], name => Assert.Equal(SegmentHeader.Length, disk.BytesRead[name!]));
        Assert.Equal((100L, 6L, 100L), (rig.History.Head, rig.History.TopicCount, rig.History.Size.Events));
        Assert.Equal(Enumerable.Range(1, 100).Select(static i => (long)i), rig.Read(0, "**"));
        Assert.True(rig.History.IsEnded("end"u8));
    }

    [Fact]
    public void Read_TopicThatIsNowhere_LoadsNoIndex()
    {
        _rig.Fill(events: 100);
        using var rig = _rig.Open();

        var found = rig.Read(0, "nowhere");
        var last = rig.History.FindLast(HistoryRig.Select("nowhere"), 1);

        Assert.Empty(found);
        Assert.Equal(0, last);
        Assert.InRange(_rig.Metrics.Sum("spillway.history.index_loads"), 0, 1); // The filter errs once in a hundred times.
    }

    [Fact]
    public void Read_CacheIsSmall_LoadsAndEvictsAndStaysWithinTheBound()
    {
        _rig.Fill(events: 400);
        using var rig = _rig.Open(limits: HistoryRig.Unlimited with { IndexBytes = 3_000 });
        var before = _rig.Metrics.Sum("spillway.history.index_bytes");

        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(400, rig.Read(0, "t/*", "end").Length);
        }

        Assert.InRange(_rig.Metrics.Sum("spillway.history.index_loads"), 100, 125);
        Assert.InRange(_rig.Metrics.Sum("spillway.history.index_evictions"), 90, 125);
        Assert.InRange(_rig.Metrics.Sum("spillway.history.index_bytes") - before, 1, 3_000);
    }

    [Fact]
    public void Read_MoreSegmentsThanDescriptors_KeepsNoMoreOpen()
    {
        _rig.Fill(events: 1_500);
        using var rig = _rig.Open();

        rig.Read(0, "**");

        Assert.Equal(64, _rig.Metrics.Sum("spillway.history.open_files"));
    }

    [Fact]
    public void Append_SegmentIsNotSynced_IsNotSealed()
    {
        using var rig = _rig.Open();
        SealedRig.Append(rig, 25, payload: 0);
        rig.History.Settle();
        var before = _rig.Sidecars.Length;

        rig.History.Sync();
        rig.History.Settle();

        Assert.Equal((0, 2), (before, _rig.Sidecars.Length));
        SealedRig.Check(rig, 25);
    }

    [Fact]
    public void Read_EventsWereDroppedBeforeARestart_StillCountsThem()
    {
        _rig.Fill(events: 100);
        using (var dropping = _rig.Open(limits: HistoryRig.Unlimited with { MaxEvents = 25 }))
        {
            Assert.Equal(80, dropping.History.Tail);
        }

        using var rig = _rig.Open(limits: HistoryRig.Unlimited with { MaxEvents = 25 });
        var page = rig.History.Read(HistoryRig.Select("t/1"), 13, 100, int.MaxValue);
        var all = rig.History.Read(HistoryRig.Select("**"), 0, 100, int.MaxValue);

        Assert.Equal(new HistoryGap(13, 80, 12, Corrupt: false), page.Missing); // 16, 26, 31, and so on to 76.
        Assert.Equal(new HistoryGap(0, 80, 80, Corrupt: false), all.Missing);
        Assert.Equal((2, 9), (_rig.Segments.Length, _rig.Sidecars.Length));
    }

    [Fact]
    public void Append_MoreIndexesThanAreKept_DeletesTheOldest()
    {
        using var rig = _rig.Open(limits: HistoryRig.Unlimited with { MaxEvents = 30, IndexRetention = 1 });
        for (var i = 0; i < 30; i++)
        {
            SealedRig.Append(rig, 10, payload: 0);
            rig.History.Sync();
            rig.History.Settle();
        }

        Assert.Equal(2 + 16, _rig.Sidecars.Length); // With few segments, as many as for sixteen.
        Assert.Null(rig.History.Read(HistoryRig.Select("**"), 109, 300, 1).Missing!.Count);
        Assert.Equal(160, rig.History.Read(HistoryRig.Select("**"), 110, 300, 1).Missing!.Count);
    }
}
