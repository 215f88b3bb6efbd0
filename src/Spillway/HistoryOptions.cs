using System.ComponentModel.DataAnnotations;

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

    /// <summary>
    /// How much longer than events their index is kept, so that a subscriber who comes too late is told how many it missed: a multiple of the segments kept.
    /// 0: not at all. Default: 4.
    /// </summary>
    [Range(0, 100)]
    public int IndexRetention { get; set; } = 4;

    /// <summary>The most bytes of memory for the index of events that are no longer kept; the oldest go first. Default: 128 MiB.</summary>
    [Range(0, long.MaxValue)]
    public long IndexBytes { get; set; } = 128L * 1024 * 1024;
}
