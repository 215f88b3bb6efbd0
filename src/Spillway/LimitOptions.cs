using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>What one request or subscription may ask for.</summary>
public sealed class LimitOptions
{
    /// <summary>The most bytes of one event, all its fields together. Default: 1 MiB.</summary>
    [Range(1_024, 16 * 1_024 * 1_024)]
    public int EventBytes { get; set; } = 1024 * 1024;

    /// <summary>The most events of one batch. Default: 1,000.</summary>
    [Range(1, 100_000)]
    public int BatchEvents { get; set; } = 1_000;

    /// <summary>The most bytes of one batch. Default: 8 MiB.</summary>
    [Range(1_024, 256 * 1_024 * 1_024)]
    public int BatchBytes { get; set; } = 8 * 1024 * 1024;

    /// <summary>The most topics and patterns of a subscription by GET. Default: 100.</summary>
    [Range(1, 10_000)]
    public int SelectorsInQuery { get; set; } = 100;

    /// <summary>The most topics and patterns of a subscription by a body. Default: 1,000.</summary>
    [Range(1, 10_000)]
    public int SelectorsInBody { get; set; } = 1_000;

    /// <summary>The most bytes of a body that asks for a subscription. Default: 1 MiB.</summary>
    [Range(1_024, 16 * 1_024 * 1_024)]
    public int SubscriptionBytes { get; set; } = 1024 * 1024;

    /// <summary>The longest batch interval that a subscription may ask for. Default: 60 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan SubscriptionBatch { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The most events that <c>last</c> may ask for. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int LastEvents { get; set; } = 10_000;

    /// <summary>The most connections at once; above, an EventSource is told to come back. Default: 1,000,000.</summary>
    [Range(1, 100_000_000)]
    public int Connections { get; set; } = 1_000_000;

    /// <summary>The most topics the hub knows at once: with history, in the window or subscribed. Default: 2,000,000.</summary>
    [Range(1, 100_000_000)]
    public int Topics { get; set; } = 2_000_000;

    /// <summary>The most values, one per topic and key, in a snapshot. Default: 100,000.</summary>
    [Range(1, 10_000_000)]
    public int SnapshotKeys { get; set; } = 100_000;

    /// <summary>The most bytes of events in a snapshot, which one reader holds while it serves it; but for the newest event, which always is in it. Default: 64 MiB.</summary>
    [Range(1_024, 1_024 * 1_024 * 1_024)]
    public int SnapshotBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bytes that may wait to be ordered before publishers get 503. Default: 64 MiB.</summary>
    [Range(1_024 * 1_024, 1_024 * 1_024 * 1_024)]
    public int IngressQueueBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>An NDJSON request of which no line ends for this time is ended and answered. Default: 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan PublishIdle { get; set; } = TimeSpan.FromMinutes(5);
}
