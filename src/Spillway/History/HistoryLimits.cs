using Spillway.Events;
using Spillway.History.Retention;

namespace Spillway.History;

/// <summary>How much is kept, and in what portions. Retention takes whole segments, so a bound is exceeded by at most one of them.</summary>
/// <param name="SegmentBytes">A segment ends before it passes this, unless one record alone is larger.</param>
/// <param name="SegmentEvents">The most records of a segment.</param>
/// <param name="SegmentMilliseconds">The longest time between a segment's first and last record where no rule wants a shorter one; see <see cref="SegmentSpan"/>.</param>
/// <param name="IndexRetention">Indexes kept of dropped segments, as a multiple of the segments kept.</param>
internal sealed record HistoryLimits(
    long MaxBytes, long MaxEvents, long MaxMilliseconds, int SegmentBytes, int SegmentEvents, long SegmentMilliseconds, int IndexRetention, long IndexBytes)
{
    /// <summary>Into so many portions a bound is divided: what goes at once is at most 6 % of what is kept.</summary>
    private const int Portions = 16;

    private const int SmallestBytes = 64 * 1024;
    private const int UsualBytes = 4 * 1024 * 1024;
    private const int LargestBytes = 64 * 1024 * 1024;
    private const int MostSegments = 256;
    private const int MostEvents = 1_000_000;

    /// <summary>The most ended topics remembered.</summary>
    public int EndedTopics { get; init; } = int.MaxValue;

    /// <summary>The most keys of which the newest event is kept beyond other bounds, and the most bytes of such events.</summary>
    public int RetainedKeys { get; init; } = int.MaxValue;

    public long RetainedBytes { get; init; } = long.MaxValue;

    /// <summary>What rules keep by themselves; null where none ever does, and whole segments go.</summary>
    public CurrentRetention? Retention { get; init; }

    /// <summary>The rules that keep events by themselves now; null where none does.</summary>
    public RetentionRules? Rules => Retention?.Rules;

    /// <summary>The longest time between a segment's first and last record, in milliseconds: shorter where a rule keeps its events shorter, but for that there are not more than some hundreds of them.</summary>
    public long SegmentSpan => Rules is { LeastAge: var least } ? Math.Clamp(least / Portions, Math.Min(Math.Max(1, MaxMilliseconds / MostSegments), SegmentMilliseconds), SegmentMilliseconds) : SegmentMilliseconds;

    /// <param name="book">The rules, as they are at any time; null: all events alike.</param>
    public static HistoryLimits From(HistoryOptions options, RuleBook? book = null)
    {
        var age = (long)options.MaxAge.TotalMilliseconds;
        var bytes = Math.Clamp(options.MaxBytes / Portions, SmallestBytes, UsualBytes);
        bytes = Math.Clamp(options.MaxBytes / MostSegments, bytes, LargestBytes); // Larger ones for a large history: every segment costs each reader a look-up.
        return new HistoryLimits(
            options.MaxBytes, options.MaxEvents, age, (int)bytes, (int)Math.Clamp(options.MaxEvents / Portions, 1, MostEvents), Math.Max(1, age / Portions),
            options.IndexRetention, options.IndexBytes)
        {
            Retention = book is null ? null : new CurrentRetention(book, age),
            EndedTopics = options.EndedTopics,
            RetainedKeys = options.RetainedKeys,
            RetainedBytes = options.RetainedBytes,
        };
    }
}
