using Spillway.Events;
using Spillway.History;

namespace Spillway.Tests.History;

public sealed class SegmentedHistoryTests
{
    [Fact]
    public void Open_InMemory_IsEmptyWithAnEpochOf40Bits()
    {
        using var rig = new HistoryRig();

        Assert.Equal((0L, 0L, 1L), (rig.History.Head, rig.History.Tail, rig.History.NextOffset));
        Assert.Equal((0L, 0L), rig.History.Size);
        Assert.InRange(rig.History.Epoch, 1ul, (1ul << 40) - 1);
        Assert.Empty(rig.Read(0, "**"));
    }

    [Fact]
    public void Append_OffsetThatWasUsed_Throws()
    {
        using var rig = new HistoryRig();
        rig.Append("a");

        var fault = Assert.Throws<ArgumentException>(() => rig.History.Append(rig.Record(1, "a")));

        Assert.Contains("Offset 1 was used before; the next one is 2.", fault.Message, StringComparison.Ordinal);
        Assert.Equal([1], rig.Read(0, "a"));
    }

    [Fact]
    public void Append_RecordCutShort_ThrowsAndKeepsNothing()
    {
        using var rig = new HistoryRig();
        byte[] records = [.. rig.Record(1, "a"), .. rig.Record(2, "a")[..^1]];

        Assert.Throws<ArgumentException>(() => rig.History.Append(records));

        Assert.Equal(0, rig.History.Head);
    }

    [Fact]
    public void Append_RecordLargerThanASegment_IsKeptInOneOfItsOwn()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentBytes = 200 });
        rig.Append("a");
        rig.Append("a", payload: 100_000);
        rig.Append("a");

        Assert.Equal([1, 2, 3], rig.Read(0, "a"));
        Assert.Equal(3, rig.History.SegmentCount);
    }

    [Fact]
    public void Append_BatchLargerThanASegment_IsDividedAtRecords()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 10 });

        rig.History.Append([.. Enumerable.Range(1, 25).SelectMany(offset => rig.Record(offset, "a"))]);

        Assert.Equal(25, rig.Read(0, "a").Length);
        Assert.Equal(3, rig.History.SegmentCount);
    }

    [Fact]
    public void Append_BatchThatDoesNotFitAnyMore_BeginsASegment()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 10 });
        for (var i = 0; i < 6; i++)
        {
            rig.Append("a");
        }

        rig.History.Append([.. Enumerable.Range(7, 6).SelectMany(offset => rig.Record(offset, "a"))]);

        Assert.Equal(12, rig.Read(0, "a").Length);
        Assert.Equal(2, rig.History.SegmentCount);
    }

    [Fact]
    public void Read_TopicAmongOthers_GivesItsRecordsUnchangedAndMarkers()
    {
        using var rig = new HistoryRig();
        rig.Append("a");
        rig.Append("b");
        rig.Append("a", flags: EventFlags.Marker);

        var page = rig.History.Read(HistoryRig.Select("a"), 0, 3, 4_096);

        Assert.Equal([rig.Record(1, "a"), rig.Record(3, "a", flags: EventFlags.Marker)], HistoryRig.Divide(page.Records));
        Assert.Equal((0L, 3L, null), (page.From, page.To, page.Missing));
    }

    [Fact]
    public void Read_EventWithSeveralSelectedTopics_ComesOnce()
    {
        using var rig = new HistoryRig();
        rig.Append("a", alternates: ["b/c", "b/d", "a"]);

        Assert.Equal([1], rig.Read(0, "a", "b/*", "b/c", "**"));
        Assert.Equal([1], rig.Read(0, "b/*", "b/d"));
    }

    [Fact]
    public void Read_PatternOfMoreTopicsThanItsMemoHolds_FindsAll()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 10_000 });
        rig.History.Append([.. Enumerable.Range(1, 3_000).SelectMany(offset => rig.Record(offset, offset % 3 == 0 ? $"t/{offset}/x" : $"t/{offset}", alternates: ["other"]))]);

        Assert.Equal(Enumerable.Range(1, 1_000).Select(static i => i * 3L), rig.Read(0, "t/*/x", "none"));
        Assert.Equal(3_000, rig.Read(0, "t/*", "t/*/x").Length);
        Assert.Equal(2_997, rig.History.FindLast(HistoryRig.Select("t/*/x", "t/3000/x"), 1) - 2);
    }

    [Fact]
    public void Read_FirstRecordLargerThanThePage_ComesAlone()
    {
        using var rig = new HistoryRig();
        rig.Append("a", payload: 10_000);
        rig.Append("a");

        var page = rig.History.Read(HistoryRig.Select("a"), 0, 2, 100);

        Assert.Equal([1], HistoryRig.Offsets(page.Records));
        Assert.Equal(1, page.To);
    }

    [Fact]
    public void Read_FromAheadOfTheHead_IsAnEmptyPageThere()
    {
        using var rig = new HistoryRig();
        rig.Append("a");

        var page = rig.History.Read(HistoryRig.Select("**"), 77, 100, 100);

        Assert.Equal((77L, 77L, 0, null), (page.From, page.To, page.Records.Length, page.Missing));
    }

    [Fact]
    public void Snapshot_NewerEventOfTheKeyIsNotSelected_GivesTheNewestSelected()
    {
        using var rig = new HistoryRig();
        rig.Append("a", "k", alternates: ["picked"]);
        rig.Append("a", "k");
        rig.Append("a");

        Assert.Equal([1], HistoryRig.Offsets(rig.History.Snapshot(HistoryRig.Select("picked"), 3, 10, int.MaxValue).Records));
        Assert.Equal([2, 3], HistoryRig.Offsets(rig.History.Snapshot(HistoryRig.Select("a"), 3, 10, int.MaxValue).Records));
    }

    [Theory]
    [InlineData(3, 100_000, 28)] // By keys.
    [InlineData(10, 1_000, 28)] // By bytes: an event takes somewhat more than 300.
    [InlineData(10, 1, 30)] // One always is in it.
    public void Snapshot_MoreThanAllowed_GivesTheNewestAndSaysSo(int maxKeys, int maxBytes, long first)
    {
        using var rig = new HistoryRig();
        for (var i = 0; i < 30; i++)
        {
            rig.Append("a", $"k{i}", payload: 256);
        }

        var page = rig.History.Snapshot(HistoryRig.Select("a"), 30, maxKeys, maxBytes);

        Assert.Equal(Enumerable.Range((int)first, 31 - (int)first).Select(static offset => (long)offset), HistoryRig.Offsets(page.Records));
        Assert.Equal(new HistoryGap(0, first - 1, null, Corrupt: false), page.Missing);
    }

    [Fact]
    public void Newest_AfterAnOffset_GivesThoseThatNothingSupersedes()
    {
        using var rig = new HistoryRig(HistoryRig.Unlimited with { SegmentEvents = 4 });
        for (var i = 0; i < 30; i++)
        {
            rig.Append("a", key: $"{i % 3}");
            rig.Append("b", key: $"{i}");
        }

        var newest = rig.History.Newest(HistoryRig.Select("a"), 40, 51, 10, int.MaxValue);
        var few = rig.History.Newest(HistoryRig.Select("b"), 40, 60, 2, int.MaxValue);

        Assert.Equal((40L, 51L), (newest.From, newest.To));
        Assert.Equal([47, 49, 51], HistoryRig.Offsets(newest.Records));
        Assert.Null(newest.Missing);
        Assert.Equal([58, 60], HistoryRig.Offsets(few.Records));
        Assert.Equal(new HistoryGap(40, 56, null, Corrupt: false), few.Missing);
        Assert.Empty(HistoryRig.Offsets(rig.History.Newest(HistoryRig.Select("a"), 60, 60, 10, int.MaxValue).Records));
    }

    [Fact]
    public void Snapshot_AsManyKeysAsAllowed_MissesNothing()
    {
        using var rig = new HistoryRig();
        for (var i = 0; i < 30; i++)
        {
            rig.Append("a", $"k{i % 3}");
        }

        var page = rig.History.Snapshot(HistoryRig.Select("a"), 30, 3, int.MaxValue);

        Assert.Equal([28, 29, 30], HistoryRig.Offsets(page.Records));
        Assert.Null(page.Missing);
    }

    [Fact]
    public void IsEnded_FinalEventAndMarker_EndTheCanonicalTopicOnly()
    {
        using var rig = new HistoryRig();
        rig.Append("a", alternates: ["x"], flags: EventFlags.Final);
        rig.Append("b", flags: EventFlags.Marker);
        rig.Append("c");

        var ended = (rig.History.IsEnded("a"u8), rig.History.IsEnded("x"u8), rig.History.IsEnded("b"u8), rig.History.IsEnded("c"u8));

        Assert.Equal((true, false, true, false), ended);
    }

    [Fact]
    public void Append_AfterDispose_ThrowsAndReadingGoesOn()
    {
        var rig = new HistoryRig();
        rig.Append("a");
        rig.Dispose();

        Assert.Throws<ObjectDisposedException>(() => rig.Append("a"));

        Assert.Equal([1], rig.Read(0, "a"));
    }
}
