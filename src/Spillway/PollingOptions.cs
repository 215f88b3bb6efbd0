using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>What an answer to a long poll holds, and how long one waits.</summary>
public sealed class PollingOptions
{
    /// <summary>Whether polls are answered. Default: true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long a poll waits that does not say it. At most <see cref="MaxWait"/>. Default: 25 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>The longest that a poll may ask to wait. Keep it below the timeouts of what stands between. Default: 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most events of an answer. Default: 1,000.</summary>
    [Range(1, 100_000)]
    public int Events { get; set; } = 1_000;

    /// <summary>The most bytes of an answer's events; one event may exceed it alone. Each poll that is being answered may hold so much. Default: 256 KiB.</summary>
    [Range(1_024, 16 * 1_024 * 1_024)]
    public int Bytes { get; set; } = 256 * 1024;
}
