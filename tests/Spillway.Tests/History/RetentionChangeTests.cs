using Spillway.Events;
using Spillway.History;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Rules that change while history is open: from then on events are kept by the rule that matches their topic now.</summary>
public sealed class RetentionChangeTests : IDisposable
{
    private static readonly TopicRule Keep = new() { Pattern = "keep/*", MaxEvents = 100_000 };

    private readonly CleaningRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_QuotaIsChanged_KeepsByTheNewOne(bool inMemory)
    {
        var book = new RuleBook([new TopicRule { Pattern = "keep/*", MaxEvents = 4 }]);
        using var rig = Open(CleaningRig.Limits(book), inMemory);
        CleaningRig.Append(rig, 45);
        CleaningRig.Clean(rig);
        var four = CleaningRig.ReadAll(rig, "keep/*");
        CleaningRig.Change(book, new TopicRule { Pattern = "keep/*", MaxEvents = 7 }); // Of eight, an eighth more may stay: it is there or not by when the keeper looked last.
        CleaningRig.Append(rig, 45);
        CleaningRig.Clean(rig);

        Assert.Equal([36, 39, 42, 45], four);
        Assert.Equal([72, 75, 78, 81, 84, 87, 90], CleaningRig.ReadAll(rig, "keep/*"));
        Assert.Equal(60, CleaningRig.ReadAll(rig, "rest/*").Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_RulesAreReordered_AnEventBelongsToTheOneThatMatchesNow(bool inMemory)
    {
        var few = new TopicRule { Pattern = "keep/1", MaxEvents = 1 };
        var book = new RuleBook([Keep, few]);
        using var rig = Open(CleaningRig.Limits(book), inMemory);
        CleaningRig.Append(rig, 45);
        CleaningRig.Clean(rig);
        var all = CleaningRig.ReadAll(rig, "keep/1");
        CleaningRig.Change(book, few, Keep);
        CleaningRig.Clean(rig);

        Assert.Equal([3, 12, 21, 30, 39], all);
        Assert.Equal([39], CleaningRig.ReadAll(rig, "keep/1"));
        Assert.Equal(10, CleaningRig.ReadAll(rig, "keep/*").Length - 1);
        Assert.Equal(4, _rig.Metrics.Sum("spillway.history.dropped_events", "keep/1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_FirstRuleWithBoundsComes_IsFollowed(bool inMemory)
    {
        var book = new RuleBook([]);
        using var rig = Open(CleaningRig.Limits(book) with { MaxEvents = 30 }, inMemory);
        CleaningRig.Append(rig, 25);
        CleaningRig.Change(book, Keep);
        CleaningRig.Append(rig, 40);
        CleaningRig.Clean(rig);

        Assert.Equal(Enumerable.Range(1, 21).Select(static i => 3L * i), CleaningRig.ReadAll(rig, "keep/*"));
        Assert.InRange(rig.History.Size.Events, 21, 31);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_LastRuleWithBoundsGoes_LeavesRetentionToWholeSegments(bool inMemory)
    {
        var book = new RuleBook([Keep]);
        using var rig = Open(CleaningRig.Limits(book) with { MaxEvents = 30 }, inMemory);
        CleaningRig.Append(rig, 60);
        CleaningRig.Clean(rig);
        var kept = CleaningRig.ReadAll(rig, "**");
        CleaningRig.Change(book);
        CleaningRig.Append(rig, 5);
        CleaningRig.Clean(rig);

        var left = CleaningRig.ReadAll(rig, "**");
        Assert.Equal((3, 26), (kept[0], kept.Length));
        Assert.Equal(kept.Concat([61, 62, 63, 64, 65]).TakeLast(left.Length), left);
        Assert.InRange(left.Length, 21, 30);
    }

    [Fact]
    public void Clean_AgeIsShortenedWhereSegmentsSpanMore_TakesPartsOfThem()
    {
        var book = new RuleBook([new TopicRule { Pattern = "keep/*", MaxAge = TimeSpan.FromHours(160) }]);
        using var rig = _rig.InMemory(CleaningRig.Limits(book) with { MaxMilliseconds = 3_600_000 * 240L, SegmentMilliseconds = 3_600_000 * 10L, SegmentEvents = 16 });
        for (var hour = 0; hour < 100; hour++)
        {
            rig.Append("keep/1");
            rig.Clock.Advance(TimeSpan.FromHours(1));
        }

        CleaningRig.Clean(rig);
        var before = CleaningRig.ReadAll(rig, "**").Length;
        CleaningRig.Change(book, new TopicRule { Pattern = "keep/*", MaxAge = TimeSpan.FromHours(32) });
        CleaningRig.Clean(rig);

        Assert.Equal(100, before);
        Assert.InRange(CleaningRig.ReadAll(rig, "**").Length, 32, 34); // A sixteenth of the age longer.
    }

    [Fact]
    public void Clean_ManySegmentsAreToBeCountedAgain_LetsWhatWaitsGoFirst()
    {
        var book = new RuleBook([Keep]);
        var disk = new WatchedDisk(_rig.Directory.Path);
        using var rig = _rig.Open(CleaningRig.Limits(book), disk);
        CleaningRig.Append(rig, 1_000);
        CleaningRig.Clean(rig);
        var (segments, looks) = (rig.History.SegmentCount, _rig.Metrics.Count("spillway.history.cleaning.duration"));
        CleaningRig.Change(book, new TopicRule { Pattern = "keep/1", MaxEvents = 10 });
        CleaningRig.Clean(rig);

        Assert.InRange(segments, 100, 101);
        Assert.Equal(10, CleaningRig.ReadAll(rig, "keep/1").Length);
        Assert.True(_rig.Metrics.Count("spillway.history.cleaning.duration") - looks > segments / 16, "It was counted in one go.");
    }

    private HistoryRig Open(HistoryLimits limits, bool inMemory) => inMemory ? _rig.InMemory(limits) : _rig.Open(limits);
}
