using Spillway.Events;
using Spillway.History;

namespace Spillway.Tests.History;

/// <summary>Rules with bounds of their own: what each keeps, and what is told of the rest.</summary>
public sealed class RuleRetentionTests : IDisposable
{
    private readonly CleaningRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Clean_FloodInOtherTopics_TakesNothingOfARuleWithAQuota()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "alerts/*", MaxEvents = 20 }) with { MaxEvents = 50 });
        rig.Append("alerts/1");
        rig.Append("alerts/2");
        for (var i = 0; i < 500; i++)
        {
            rig.Append("flood");
        }

        CleaningRig.Clean(rig);

        Assert.Equal([1, 2], CleaningRig.ReadAll(rig, "alerts/*"));
        Assert.Equal(44, rig.History.Size.Events); // Whole segments of the flood go.
        Assert.Equal(Enumerable.Range(461, 42).Select(static i => (long)i), CleaningRig.ReadAll(rig, "flood"));
        Assert.Equal(458, _rig.Metrics.Sum("spillway.history.dropped_events", "events"));
        Assert.Equal(458, _rig.Metrics.Sum("spillway.history.dropped_events", "**"));
        Assert.InRange(_rig.Metrics.Sum("spillway.history.rewritten_segments"), 1, 46 + 46);
        Assert.InRange(_rig.Metrics.Sum("spillway.history.rewritten_bytes"), 2 * 32, 10_000);
        Assert.True(_rig.Metrics.Count("spillway.history.cleaning.duration") > 0);
    }

    [Fact]
    public void Clean_QuotaOfEventsIsPassedByMoreThanAnEighth_KeepsExactlyTheNewest()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "a", MaxEvents = 16 }));
        for (var i = 0; i < 18; i++)
        {
            rig.Append("a");
            rig.Append("b");
        }

        CleaningRig.Clean(rig);
        var within = CleaningRig.ReadAll(rig, "a").Length;
        rig.Append("a");
        CleaningRig.Clean(rig);

        Assert.Equal(18, within); // An eighth more is not worth an old segment's writing.
        Assert.Equal(Enumerable.Range(3, 16).Select(static i => (2L * i) + 1), CleaningRig.ReadAll(rig, "a"));
        Assert.Equal(18, CleaningRig.ReadAll(rig, "b").Length);
        Assert.Equal(3, _rig.Metrics.Sum("spillway.history.dropped_events", "quota-events"));
        Assert.Equal(3, _rig.Metrics.Sum("spillway.history.dropped_events", "a"));
    }

    [Fact]
    public void Clean_QuotaOfBytesIsPassed_KeepsTheNewestThatFit()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "a", MaxBytes = 2_000 }) with { SegmentBytes = 1_000 });
        for (var i = 0; i < 40; i++)
        {
            rig.Append("a", payload: 100);
            rig.Append("b");
        }

        CleaningRig.Clean(rig);

        var kept = rig.History.Read(HistoryRig.Select("a"), 0, rig.History.Head, int.MaxValue).Records.Length;
        Assert.InRange(kept, 2_000 - 140, 2_000 + 250);
        Assert.Equal(40, CleaningRig.ReadAll(rig, "b").Length);
        Assert.Equal(40 - CleaningRig.ReadAll(rig, "a").Length, _rig.Metrics.Sum("spillway.history.dropped_events", "quota-bytes"));
    }

    [Fact]
    public void Clean_OneEventIsMoreThanItsQuota_KeepsThatOne()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "a", MaxBytes = 1_024 }) with { SegmentEvents = 2, SegmentBytes = 4_000 });
        rig.Append("a", payload: 10);
        rig.Append("b");
        rig.Append("a", payload: 5_000);
        rig.Append("b");
        rig.Append("b");

        CleaningRig.Clean(rig);

        Assert.Equal([3], CleaningRig.ReadAll(rig, "a"));
    }

    [Fact]
    public void Trim_AgesDifferByRule_EachGoesInItsTime()
    {
        var limits = CleaningRig.Limits(
            new TopicRule { Pattern = "short", MaxAge = TimeSpan.FromSeconds(10) }, new TopicRule { Pattern = "long", MaxAge = TimeSpan.FromSeconds(1_000) },
            new TopicRule { MaxAge = TimeSpan.FromSeconds(100) });
        using var rig = _rig.InMemory(limits with { SegmentMilliseconds = 1_000 });
        rig.Append("short");
        rig.Append("long");
        rig.Append("other");

        Assert.Equal([1, 2, 3], After(TimeSpan.FromSeconds(9)));
        Assert.Equal([2, 3], After(TimeSpan.FromSeconds(3)));
        Assert.Equal([2], After(TimeSpan.FromSeconds(90)));
        Assert.Equal([], After(TimeSpan.FromSeconds(900)));
        Assert.Equal(3, _rig.Metrics.Sum("spillway.history.dropped_events", "age"));
        Assert.Equal((3, 3), (rig.History.Tail, rig.History.Head));

        long[] After(TimeSpan time)
        {
            rig.Clock.Advance(time);
            CleaningRig.Clean(rig);
            return CleaningRig.ReadAll(rig, "**");
        }
    }

    [Fact]
    public void Read_EventsBetweenAreGone_TellsAGapBeforeEachOfThoseThatAreThere()
    {
        using var rig = _rig.InMemory(CleaningRig.KeepOnly(14));
        CleaningRig.Append(rig, 25);
        CleaningRig.Clean(rig);

        var pages = Pages(rig, "**", "rest/1", "keep/0");

        Assert.Equal(
            [new(0, 2, 2, false), new(3, 5, 2, false), new(6, 8, 2, false), new(9, 11, 2, false), new(12, 14, 2, false), new(15, 17, 2, false), new(18, 20, 2, false)],
            pages.Select(static page => page.Missing).OfType<HistoryGap>());
        Assert.Equal([3, 6, 9, 12, 15, 18, 21, 22, 23, 24, 25], pages.SelectMany(static page => HistoryRig.Offsets(page.Records)));
        Assert.Equal([new HistoryGap(0, 10, 2, false)], Pages(rig, "rest/1").Select(static page => page.Missing)); // 1 and 8.
        Assert.Null(Assert.Single(Pages(rig, "keep/1")).Missing);
        Assert.True(rig.History.HasAny(HistoryRig.Select("rest/1"), 7));
        Assert.False(rig.History.HasAny(HistoryRig.Select("keep/1"), 21));
    }

    [Fact]
    public void Read_IndexOfWhatIsGoneIsForgotten_TellsGapsWithoutCount()
    {
        using var rig = _rig.InMemory(CleaningRig.KeepOnly(14) with { IndexRetention = 0 });
        CleaningRig.Append(rig, 25);
        CleaningRig.Clean(rig);

        var pages = Pages(rig, "keep/1"); // 3, 12 and 21, of which nothing is gone: nobody knows it any more.

        Assert.Equal([3, 12, 21], pages.SelectMany(static page => HistoryRig.Offsets(page.Records)));
        Assert.Equal([new(0, 2, null, false), new(3, 11, null, false), new(12, 20, null, false)], pages.Select(static page => page.Missing).OfType<HistoryGap>());
    }

    [Fact]
    public void Clean_SegmentsBecomeSmall_AreJoinedAndStillCounted()
    {
        using var rig = _rig.InMemory(CleaningRig.Limits(new TopicRule { Pattern = "keep", MaxEvents = 100 }) with { MaxEvents = 50, SegmentEvents = 16 });
        rig.Append("keep");
        for (var i = 0; i < 16 * 200; i++)
        {
            rig.Append(i % 800 == 799 ? "keep" : "flood");
            if (i % 16 == 0)
            {
                CleaningRig.Clean(rig);
            }
        }

        CleaningRig.Clean(rig);

        Assert.InRange(rig.History.SegmentCount, 5, 16 + 16 + 5); // Of 200 segments: some joined, up to fifteen not yet, and those of which nothing went.
        Assert.Equal([1, 801, 1_601, 2_401, 3_201], CleaningRig.ReadAll(rig, "keep"));
        var gone = Pages(rig, "**").Sum(static page => page.Missing?.Count ?? 0);
        Assert.Equal(3_201 - rig.History.Size.Events, gone);
        Assert.InRange(_rig.Metrics.Sum("spillway.history.rewritten_bytes"), 1, 200 * 100); // Next to nothing is written twice.
    }

    [Fact]
    public void IsEnded_EndIsTakenFromASegmentThatStays_ForgetsIt()
    {
        using var rig = _rig.InMemory(CleaningRig.KeepOnly(14));
        rig.Append("rest/end", flags: EventFlags.Final);
        rig.Append("keep/end", flags: EventFlags.Final);
        CleaningRig.Append(rig, 40);

        CleaningRig.Clean(rig);

        Assert.Equal((false, true), (rig.History.IsEnded("rest/end"u8), rig.History.IsEnded("keep/end"u8)));
    }

    [Fact]
    public void From_NoRuleHasBounds_LeavesRetentionToWholeSegments()
    {
        Assert.Null(HistoryLimits.From(new HistoryOptions(), new RuleBook([new TopicRule { Pattern = "a" }])).Rules);
    }

    [Fact]
    public void From_ShortAges_MakesSegmentsShorterButNotWithoutBound()
    {
        var usual = HistoryLimits.From(new HistoryOptions(), new RuleBook([new TopicRule { Pattern = "a", MaxAge = TimeSpan.FromHours(8) }]));
        var tiny = HistoryLimits.From(new HistoryOptions(), new RuleBook([new TopicRule { Pattern = "a", MaxAge = TimeSpan.FromSeconds(1) }]));
        var longer = HistoryLimits.From(new HistoryOptions(), new RuleBook([new TopicRule { Pattern = "a", MaxAge = TimeSpan.FromDays(365) }]));

        Assert.Equal((1_800_000, 337_500, 5_400_000), (usual.SegmentSpan, tiny.SegmentSpan, longer.SegmentSpan));
    }

    private static List<HistoryPage> Pages(HistoryRig rig, params string[] selectors)
    {
        var pages = new List<HistoryPage>();
        for (var after = 0L; after < rig.History.Head; after = pages[^1].To)
        {
            pages.Add(rig.History.Read(HistoryRig.Select(selectors), after, rig.History.Head, int.MaxValue));
        }

        return pages;
    }
}
