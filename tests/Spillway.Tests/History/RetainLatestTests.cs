using Spillway.Events;
using Spillway.History;
using Spillway.History.Retention;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>The newest event of every topic and key outlives all retention, until it is released.</summary>
public sealed class RetainLatestTests : IDisposable
{
    private readonly CleaningRig _rig = new();
    private readonly RuleBook _book = new([Latest()]);

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_TooOld_KeepsTheNewestOfEachKeyAndTellsTheRest(bool inMemory)
    {
        using var rig = Open(inMemory);
        Fill(rig, "a", "b", "a", "b", "b");
        Pass(rig, 100);

        var page = rig.History.Read(HistoryRig.Select("v/*"), 0, rig.History.Head, int.MaxValue);
        Assert.Equal((new HistoryGap(0, 2, 2, Corrupt: false), 3L), (page.Missing, page.To));
        Assert.Equal([3, 5], CleaningRig.ReadAll(rig, "**"));
        Assert.Equal([3, 5], HistoryRig.Offsets(rig.History.Snapshot(HistoryRig.Select("v/*"), rig.History.Head, 100, int.MaxValue).Records));
        Assert.Equal((2, 2 * 40), (rig.History.RetainedKeyCount, rig.History.RetainedBytes));
        Assert.Equal(3, _rig.Metrics.Sum("spillway.history.dropped_events", "age"));
        Assert.Equal(0, _rig.Metrics.Sum("spillway.history.released_values"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_FloodPassesTheHubsBounds_KeepsTheNewestBesideThem(bool inMemory)
    {
        using var rig = Open(inMemory, Limits() with { MaxEvents = 30 });
        Fill(rig, "a", "b");
        Fill(rig, [.. Enumerable.Range(0, 100).Select(static _ => "c")]);
        Pass(rig, 1);

        Assert.Equal([1, 2], CleaningRig.ReadAll(rig, "**").TakeWhile(static offset => offset < 10));
        Assert.InRange(rig.History.Size.Events, 20, 33);
        Assert.Equal(3, rig.History.RetainedKeyCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_QuotaIsPassed_KeepsTheNewestBesideIt(bool inMemory)
    {
        CleaningRig.Change(_book, Latest(static rule => rule.MaxEvents = 5));
        using var rig = Open(inMemory);
        Fill(rig, "a", "b", "a");
        Fill(rig, [.. Enumerable.Range(0, 40).Select(static _ => "c")]);
        Pass(rig, 1);

        Assert.Equal([2, 3, 39, 40, 41, 42, 43], CleaningRig.ReadAll(rig, "**"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_NewerComes_ReleasesTheOlder(bool inMemory)
    {
        using var rig = Open(inMemory);
        Fill(rig, "a", "b", "c");
        Pass(rig, 100);
        Fill(rig, "b");
        Pass(rig, 0);
        var soon = CleaningRig.ReadAll(rig, "**");
        Pass(rig, 100);

        Assert.Equal([1, 3, 4], soon); // A third of what is kept is worth a segment's writing.
        Assert.Equal([1, 3, 4], CleaningRig.ReadAll(rig, "**"));
        Assert.Equal(1, _rig.Metrics.Sum("spillway.history.released_values", "newer"));
    }

    [Fact]
    public void Clean_LittleIsReleased_WaitsUntilItIsWorthASegmentsWriting()
    {
        using var rig = Open(inMemory: true);
        Fill(rig, [.. Enumerable.Range(0, 9).Select(static i => $"{i}")]);
        Pass(rig, 100);
        var written = _rig.Metrics.Sum("spillway.history.rewritten_segments");
        Fill(rig, "4");
        Pass(rig, 0);
        var (waiting, rewritten) = (CleaningRig.ReadAll(rig, "**"), _rig.Metrics.Sum("spillway.history.rewritten_segments") - written);
        Pass(rig, 2); // As long as a segment spans.

        Assert.Equal((10, 0), (waiting.Length, rewritten));
        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9, 10], CleaningRig.ReadAll(rig, "**"));
        Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9, 10], HistoryRig.Offsets(rig.History.Snapshot(HistoryRig.Select("**"), 10, 100, int.MaxValue).Records));
    }

    [Fact]
    public void Clean_NewerIsNotSynced_ReleasesNothing()
    {
        using var rig = Open(inMemory: false);
        Fill(rig, "a", "b");
        Pass(rig, 100);
        Fill(rig, "a");
        rig.History.Trim(rig.Now);
        rig.History.Settle();
        var before = CleaningRig.ReadAll(rig, "**");
        Pass(rig, 0);

        Assert.Equal([1, 2, 3], before);
        Assert.Equal([2, 3], CleaningRig.ReadAll(rig, "**"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_TtlPassedOrTopicEnded_ReleasesThemAndNoOlderOneComesBack(bool inMemory)
    {
        using var rig = Open(inMemory);
        rig.Append("v/1", key: "a");
        rig.Append("v/1", key: "a", ttl: TimeSpan.FromSeconds(300));
        rig.Append("v/2", key: "b");
        rig.Append("v/3", key: "c");
        Pass(rig, 100);
        var kept = CleaningRig.ReadAll(rig, "**");
        rig.Append("v/2", flags: EventFlags.Marker);
        Pass(rig, 300);

        Assert.Equal([2, 3, 4], kept);
        Assert.Equal([4], CleaningRig.ReadAll(rig, "**"));
        Assert.Equal((1, 1), (_rig.Metrics.Sum("spillway.history.released_values", "expired"), _rig.Metrics.Sum("spillway.history.released_values", "ended")));
    }

    [Fact]
    public void Clean_OlderOnesFileIsNotDeletedYet_KeepsTheReleasedNewest()
    {
        CleaningRig.Change(_book, Latest(static rule => rule.MaxKeys = 1));
        var disk = new WatchedDisk(_rig.Directory.Path)
        {
            OnDelete = static name => _ = name.EndsWith(".segment", StringComparison.Ordinal) ? throw new IOException("Read-only file system", 30) : 0,
        };
        using var rig = _rig.Open(Limits() with { SegmentEvents = 2 }, disk);
        Fill(rig, "a", "a", "a");
        rig.Append("stays"); // Beside the newest of a.
        Fill(rig, "b");
        Pass(rig, 100);
        var before = CleaningRig.ReadAll(rig, "v/1");
        disk.OnDelete = null;
        Pass(rig, 2);
        Pass(rig, 2);

        Assert.Equal([3, 5], before); // A start after a crash would find the first two again.
        Assert.Equal([5], CleaningRig.ReadAll(rig, "v/1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_MoreKeysThanTheRuleRetains_LetsThoseGoThatWereNotWrittenForTheLongest(bool inMemory)
    {
        CleaningRig.Change(_book, Latest(static rule => rule.MaxKeys = 2));
        using var rig = Open(inMemory);
        Fill(rig, "a", "b", "c", "a", "d");
        Pass(rig, 100);

        Assert.Equal([4, 5], CleaningRig.ReadAll(rig, "**")); // Of a and d.
        Assert.Equal(2, _rig.Metrics.Sum("spillway.history.released_values", "keys"));
        Assert.Contains("MaxKeys (2) of the rule \"v/*\"", Assert.Single(_rig.Logs.Lines, static line => line.Id == 2527).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Clean_MoreKeysThanTheHubRetains_LetsThoseGoThatWereNotWrittenForTheLongest()
    {
        CleaningRig.Change(_book, Latest(static rule => rule.Pattern = "v/0"), Latest());
        using var rig = Open(inMemory: true, Limits() with { RetainedKeys = 3 });
        rig.Append("v/0", key: "x");
        Fill(rig, "a", "b", "c");
        rig.Append("v/0", key: "y");
        Pass(rig, 100);

        Assert.Equal([3, 4, 5], CleaningRig.ReadAll(rig, "**"));
        Assert.Contains("History:RetainedKeys (3)", Assert.Single(_rig.Logs.Lines, static line => line.Id == 2527).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Clean_RetainedEventsAreMoreThanTheirBytes_LetsThoseGoThatWereNotWrittenForTheLongest()
    {
        using var rig = Open(inMemory: true, Limits() with { RetainedBytes = 3_000 });
        for (var i = 0; i < 9; i++)
        {
            rig.Append("v/1", key: $"{i}", payload: 700);
        }

        Pass(rig, 100);
        Pass(rig, 100);

        Assert.Equal([6, 7, 8, 9], CleaningRig.ReadAll(rig, "**"));
        Assert.InRange(rig.History.RetainedBytes, 2_800, 3_000);
        Assert.Equal(5, _rig.Metrics.Sum("spillway.history.released_values", "bytes"));
    }

    [Fact]
    public void Open_ValuesWereRetained_GoesOnWithThem()
    {
        using (var rig = Open(inMemory: false))
        {
            Fill(rig, "a", "b", "a", "c");
            Pass(rig, 100);
        }

        using (var again = Open(inMemory: false))
        {
            again.Clock.Advance(TimeSpan.FromSeconds(200));
            Pass(again, 100);
            Assert.Equal([2, 3, 4], CleaningRig.ReadAll(again, "**"));
            Assert.Equal(3, again.History.RetainedKeyCount);
            Fill(again, "b", "c");
            Pass(again, 0);
        }

        using var last = Open(inMemory: false);
        Assert.Equal([3], CleaningRig.ReadAll(last, "**").TakeWhile(static offset => offset <= 4));
    }

    [Fact]
    public void Clean_PrivateIsNewer_KeepsThePublicToo()
    {
        using var rig = Open(inMemory: true);
        rig.Append("v/1", key: "a");
        rig.Append("v/1", key: "a");
        rig.Append("v/1", key: "a", flags: EventFlags.Private);
        Pass(rig, 100);

        Assert.Equal([2, 3], CleaningRig.ReadAll(rig, "**"));
        Assert.Equal([2, 3], HistoryRig.Offsets(rig.History.Snapshot(HistoryRig.Select("v/1"), 3, 10, int.MaxValue).Records));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_RuleRetainsNoLonger_TakesWhatItKept(bool inMemory)
    {
        using var rig = Open(inMemory);
        Fill(rig, "a", "b", "a");
        Pass(rig, 100);
        var kept = CleaningRig.ReadAll(rig, "**");
        CleaningRig.Change(_book, Latest(static rule => rule.Retain = RetainMode.None));
        Fill(rig, "c");
        Pass(rig, 0);

        Assert.Equal([2, 3], kept);
        Assert.Equal([4], CleaningRig.ReadAll(rig, "**"));
        Assert.Equal((0, 0), (rig.History.RetainedKeyCount, rig.History.RetainedBytes));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clean_RuleBeginsToRetain_KeepsTheNewestThatAreThere(bool inMemory)
    {
        CleaningRig.Change(_book, Latest(static rule => rule.Retain = RetainMode.None));
        using var rig = Open(inMemory);
        Fill(rig, [.. Enumerable.Range(0, 25).Select(static i => $"{i % 4}")]);
        CleaningRig.Clean(rig);
        CleaningRig.Change(_book, Latest());
        Pass(rig, 100);

        Assert.Equal([22, 23, 24, 25], CleaningRig.ReadAll(rig, "**"));
    }

    private static TopicRule Latest(Action<TopicRule>? change = null)
    {
        var rule = new TopicRule { Pattern = "v/*", MaxAge = TimeSpan.FromSeconds(16), Retain = RetainMode.Latest };
        change?.Invoke(rule);
        return rule;
    }

    private static void Fill(HistoryRig rig, params string[] keys) => Array.ForEach(keys, key => rig.Append("v/1", key: key));

    /// <summary>Lets time pass, and has all of it taken that is to go.</summary>
    private static void Pass(HistoryRig rig, int seconds)
    {
        rig.Clock.Advance(TimeSpan.FromSeconds(seconds));
        CleaningRig.Clean(rig); // Begins a new segment: then the old one can be sealed, and cleaned, in the second round.
        CleaningRig.Clean(rig);
    }

    private HistoryLimits Limits() => HistoryRig.Unlimited with { MaxMilliseconds = 256_000, SegmentMilliseconds = 16_000, Retention = new CurrentRetention(_book, 256_000) };

    private HistoryRig Open(bool inMemory, HistoryLimits? limits = null)
    {
        var rig = inMemory ? new HistoryRig(limits ?? Limits(), metrics: _rig.Metrics, logs: _rig.Logs) : _rig.Open(limits ?? Limits());
        rig.History.Settle(); // It has looked before anything comes.
        return rig;
    }
}
