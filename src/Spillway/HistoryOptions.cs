using System.ComponentModel.DataAnnotations;
using Spillway.Events;

namespace Spillway;

/// <summary>How much history is kept, and where.</summary>
public sealed class HistoryOptions
{
    /// <summary>The directory that holds it, or <c>memory</c>. Default: <c>memory</c>.</summary>
    [Required]
    public string Data { get; set; } = "memory";

    /// <summary>The most bytes kept; the oldest go first. Default: 1 GiB.</summary>
    [Range(1_024 * 1_024, long.MaxValue)]
    public long MaxBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>The most events kept. Default: 10,000,000.</summary>
    [Range(1, long.MaxValue)]
    public long MaxEvents { get; set; } = 10_000_000;

    /// <summary>How long events are kept. Default: 24 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "36500.00:00:00")]
    public TimeSpan MaxAge { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What a publisher's answer promises where it does not ask for another level by <c>?commit=</c>. Default: <see cref="CommitLevel.Synced"/>.</summary>
    [EnumDataType(typeof(CommitLevel))]
    public CommitLevel Commit { get; set; } = CommitLevel.Synced;

    /// <summary>The weakest level that a publisher may ask for. Default: <see cref="CommitLevel.Memory"/>.</summary>
    [EnumDataType(typeof(CommitLevel))]
    public CommitLevel WeakestCommit { get; set; } = CommitLevel.Memory;

    /// <summary>
    /// Whether subscribers get an event only when it is synced, so that nobody sees what a power loss could take back; else once it is written, so that a slow disk delays
    /// publishers alone. Default: false.
    /// </summary>
    public bool DeliverSynced { get; set; }

    /// <summary>How long a start waits for another process to let the directory go; 0: not at all. Default: 0 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan LockWait { get; set; } = TimeSpan.Zero;

    /// <summary>How long a write or a sync may take before publishing is refused with 503 until it comes back. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan StallAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The most ended topics that are remembered as such, about 150 bytes each; beyond it the oldest are forgotten, and may be published to again. Default: 1,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int EndedTopics { get; set; } = 1_000_000;

    /// <summary>
    /// The most topics and keys, of all rules with <see cref="TopicRule.Retain"/> together, of which the newest event is retained, about 100 bytes of memory each; those that were not written
    /// for the longest are let go. Default: 1,000,000.
    /// </summary>
    [Range(1, 10_000_000)]
    public int RetainedKeys { get; set; } = 1_000_000;

    /// <summary>
    /// The most bytes of events that are kept for <see cref="TopicRule.Retain"/> alone, beside <see cref="MaxBytes"/>; those that were not written for the longest are let go.
    /// Default: 256 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long RetainedBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// How much longer than events their index is kept, so that a subscriber who comes too late is told how many it missed: a multiple of the segments kept.
    /// 0: not at all. Default: 4.
    /// </summary>
    [Range(0, 100)]
    public int IndexRetention { get; set; } = 4;

    /// <summary>
    /// The most bytes of memory for indexes. In a directory: of the loaded ones, those used last; the rest is read from disk when it is wanted, and of one segment an index is
    /// loaded in any case. With <c>memory</c>: of events that are no longer kept; the oldest go first. Default: 128 MiB.
    /// </summary>
    [Range(0, long.MaxValue)]
    public long IndexBytes { get; set; } = 128L * 1024 * 1024;
}
