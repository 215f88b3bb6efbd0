using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>How long the publishers' ids are remembered.</summary>
public sealed class DedupOptions
{
    /// <summary>The most ids remembered; the oldest go first. Default: 100,000.</summary>
    [Range(1, 10_000_000)]
    public int Keys { get; set; } = 100_000;

    /// <summary>How long an id is remembered. Default: 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(10);
}
