using Spillway.Events;
using Spillway.History;
using Spillway.History.Retention;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>Segments of ten events each, of which every third is kept longer than the others: topics keep/0 to keep/2, and rest/0 to rest/6.</summary>
internal sealed class CleaningRig : IDisposable
{
    public TemporaryDirectory Directory { get; } = new();

    public LogCollector Logs { get; } = new();

    public MetricCollector Metrics { get; } = new();

    public static HistoryLimits Limits(params TopicRule[] rules) => HistoryRig.Unlimited with
    {
        Retention = new CurrentRetention(new RuleBook(rules), HistoryRig.Unlimited.MaxMilliseconds),
    };

    /// <summary>The same with rules that may change.</summary>
    public static HistoryLimits Limits(RuleBook rules) => HistoryRig.Unlimited with { Retention = new CurrentRetention(rules, HistoryRig.Unlimited.MaxMilliseconds) };

    public static void Change(RuleBook book, params TopicRule[] rules) => Assert.True(book.TryChange(rules, 0, static _ => false, out _));

    /// <summary>All but the last so many events go, but for those of keep/*.</summary>
    public static HistoryLimits KeepOnly(int events) => Limits(new TopicRule { Pattern = "keep/*", MaxEvents = 100_000 }) with { MaxEvents = events };

    public static void Append(HistoryRig rig, int events)
    {
        for (var i = 0; i < events; i++)
        {
            var offset = rig.History.NextOffset;
            rig.Append(offset % 3 == 0 ? $"keep/{offset % 9 / 3}" : $"rest/{offset % 7}", key: "k", payload: 20);
        }
    }

    /// <summary>Has the cleaner run, with nothing left to seal.</summary>
    public static void Clean(HistoryRig rig)
    {
        rig.History.Sync();
        rig.History.Settle();
        rig.History.Trim(rig.Now);
        rig.History.Settle();
    }

    /// <summary>The offsets of all that is selected, from as many pages as it takes: one ends before each gap.</summary>
    public static long[] ReadAll(HistoryRig rig, string selector) => [.. SealedRig.ReadAll(rig, selector).Offsets];

    public HistoryRig InMemory(HistoryLimits limits) => new(limits, metrics: Metrics);

    public HistoryRig Open(HistoryLimits limits, IDisk? disk = null) => new(
        limits, DirectoryStore.Open(Directory.Path, disk ?? new WatchedDisk(Directory.Path), DirectoryLock.Acquire(Directory.Path), Logs.CreateLogger("History")), Metrics, Logs);

    public void Dispose()
    {
        Metrics.Dispose();
        Logs.Dispose();
        Directory.Dispose();
    }
}
