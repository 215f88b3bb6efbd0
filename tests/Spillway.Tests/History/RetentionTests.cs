using Spillway.Events;
using Spillway.History;
using Spillway.TestKit;

namespace Spillway.Tests.History;

public sealed class RetentionTests
{
    [Fact]
    public void Append_MoreEventsThanAreKept_DropsTheOldestSegments()
    {
        using var metrics = new MetricCollector();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxEvents = 25, SegmentEvents = 5 }, metrics: metrics);

        Append(rig, 100);

        Assert.Equal((75L, 25L), (rig.History.Tail, rig.History.Size.Events));
        Assert.Equal(75, metrics.Sum("spillway.history.dropped_events", "events"));
        Assert.Equal(100, metrics.Sum("spillway.history.appended_events"));
        Assert.Equal((25d, 5d, 3d), (metrics.Sum("spillway.history.events"), metrics.Sum("spillway.history.segments"), metrics.Sum("spillway.history.topics")));
    }

    [Fact]
    public void Append_MoreBytesThanAreKept_DropsTheOldestSegments()
    {
        using var metrics = new MetricCollector();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxBytes = 10_000, SegmentBytes = 2_000, SegmentEvents = 1_000 }, metrics: metrics);

        Append(rig, 100, payload: 500);

        Assert.InRange(rig.History.Size.Bytes, 8_000, 10_000);
        Assert.Equal(rig.History.Tail, metrics.Sum("spillway.history.dropped_events", "bytes"));
        Assert.Equal(rig.History.Size.Bytes, metrics.Sum("spillway.history.bytes"));
    }

    [Fact]
    public void Append_OldEvents_DropsThem()
    {
        using var metrics = new MetricCollector();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxMilliseconds = 1_000, SegmentMilliseconds = 100, SegmentEvents = 1_000 }, metrics: metrics);
        for (var i = 0; i < 50; i++)
        {
            rig.Append("a");
            rig.Clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        // The newest is 100 ms old; a segment holds two. What is 1,000 ms old stays, and one segment may be older in part.
        Assert.InRange(rig.History.Size.Events, 10, 12);
        Assert.Equal(rig.History.Tail, metrics.Sum("spillway.history.dropped_events", "age"));
        Assert.InRange(metrics.Sum("spillway.history.oldest_age"), 1.0, 1.2);
    }

    [Fact]
    public void Trim_QuietHub_DropsTheLastEventsAndGoesOnBehindThem()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxMilliseconds = 1_000 });
        Append(rig, 7);
        rig.Clock.Advance(TimeSpan.FromMilliseconds(1_001));

        rig.History.Trim(rig.Now);
        rig.Append("a");

        Assert.Equal((7L, 8L, 9L, 1L), (rig.History.Tail, rig.History.Head, rig.History.NextOffset, rig.History.Size.Events));
        Assert.Equal([8], rig.Read(0, "**"));
        Assert.Equal(1, rig.History.TopicCount);
    }

    [Fact]
    public void Read_FromBeforeTheTail_TellsHowManySelectedEventsAreGone()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxEvents = 10, SegmentEvents = 5 });
        Append(rig, 100);

        var page = rig.History.Read(HistoryRig.Select("t/1"), 50, 100, int.MaxValue);

        Assert.Equal((50L, 90L, 13L, false), (page.Missing!.From, page.Missing.To, page.Missing.Count, page.Missing.Corrupt));
        Assert.Equal([91, 94, 97, 100], HistoryRig.Offsets(page.Records));
    }

    [Fact]
    public void Read_NothingSelectedIsGone_TellsNoGap()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxEvents = 10, SegmentEvents = 5 });
        Append(rig, 100);

        Assert.Null(rig.History.Read(HistoryRig.Select("quiet"), 0, 100, int.MaxValue).Missing);
        Assert.False(rig.History.HasAny(HistoryRig.Select("quiet"), 0));
    }

    [Fact]
    public void Read_FromBeforeWhatTheIndexKnows_TellsAGapWithoutCount()
    {
        using var metrics = new MetricCollector();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxEvents = 5, SegmentEvents = 5, IndexRetention = 1 }, metrics: metrics);
        Append(rig, 200); // 40 segments: one kept, 16 more indexed.

        var unknown = rig.History.Read(HistoryRig.Select("**"), 114, 200, 1).Missing!;
        var known = rig.History.Read(HistoryRig.Select("**"), 115, 200, 1).Missing!;

        Assert.Equal((114L, 195L, null), (unknown.From, unknown.To, unknown.Count));
        Assert.Equal((115L, 195L, 80L), (known.From, known.To, known.Count));
        Assert.True(rig.History.HasAny(HistoryRig.Select("quiet"), 114)); // Nobody knows: a gap is to be told.
        Assert.Equal(23, metrics.Sum("spillway.history.forgotten_segments"));
    }

    [Fact]
    public void Append_IndexesOfDroppedSegmentsTooLarge_ForgetsTheOldest()
    {
        using var metrics = new MetricCollector();
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxEvents = 5, SegmentEvents = 5, IndexBytes = 5_000 }, metrics: metrics);

        Append(rig, 1_000);

        Assert.InRange(metrics.Sum("spillway.history.index_bytes"), 2_500, 5_000 + 2_500); // The active segment's comes on top.
        Assert.InRange(metrics.Sum("spillway.history.forgotten_segments"), 100, 199);
    }

    [Fact]
    public void IsEnded_EndIsDropped_ForgetsIt()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { MaxEvents = 10, SegmentEvents = 5 });
        rig.Append("a", flags: EventFlags.Marker);
        Append(rig, 9);
        var before = rig.History.IsEnded("a"u8);

        Append(rig, 5);

        Assert.True(before);
        Assert.False(rig.History.IsEnded("a"u8));
    }

    [Fact]
    public void From_Bounds_AreDividedIntoSixteenOrMorePortions()
    {
        var usual = HistoryLimits.From(new HistoryOptions());
        var small = HistoryLimits.From(new HistoryOptions { MaxBytes = 1024 * 1024, MaxEvents = 1, MaxAge = TimeSpan.FromSeconds(1) });
        var huge = HistoryLimits.From(new HistoryOptions { MaxBytes = long.MaxValue, MaxEvents = long.MaxValue });

        Assert.Equal((4 * 1024 * 1024, 625_000, 5_400_000), (usual.SegmentBytes, usual.SegmentEvents, usual.SegmentMilliseconds));
        Assert.Equal((64 * 1024, 1, 62), (small.SegmentBytes, small.SegmentEvents, small.SegmentMilliseconds));
        Assert.Equal((64 * 1024 * 1024, 1_000_000), (huge.SegmentBytes, huge.SegmentEvents));
    }

    private static void Append(HistoryRig rig, int count, int payload = 0)
    {
        for (var i = 0; i < count; i++)
        {
            rig.Append($"t/{rig.History.NextOffset % 3}", payload: payload);
        }
    }
}
