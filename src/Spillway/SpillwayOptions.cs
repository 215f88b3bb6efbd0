using System.ComponentModel.DataAnnotations;
using Spillway.Events;

namespace Spillway;

/// <summary>Everything that can be set, bound from the section <c>Spillway</c> and validated at start-up.</summary>
public sealed class SpillwayOptions
{
    /// <summary>The section's name in configuration.</summary>
    public const string Section = "Spillway";

    /// <summary>What one request or subscription may ask for.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>How much history is kept, and where.</summary>
    public HistoryOptions History { get; set; } = new();

    /// <summary>How long the publishers' ids are remembered.</summary>
    public DedupOptions Dedup { get; set; } = new();

    /// <summary>The window and the loops that serve connections from it.</summary>
    public DeliveryOptions Delivery { get; set; } = new();

    /// <summary>How Server-Sent Events are written.</summary>
    public SseOptions Sse { get; set; } = new();

    /// <summary>What a subscriber may send over a WebSocket.</summary>
    public WebSocketOptions WebSocket { get; set; } = new();

    /// <summary>What an answer to a long poll holds, and how long one waits.</summary>
    public PollingOptions Polling { get; set; } = new();

    /// <summary>The sockets below, where <c>UseSpillwayTransport</c> serves them.</summary>
    public TransportOptions Transports { get; set; } = new();

    /// <summary>Whose tokens count.</summary>
    public AccessOptions Access { get; set; } = new();

    /// <summary>A Mercure hub beside the hub's own endpoints.</summary>
    public MercureOptions Mercure { get; set; } = new();

    /// <summary>What an operator sees of the hub.</summary>
    public OperationsOptions Operations { get; set; } = new();

    /// <summary>How long connections and accepted events may take to end when the hub stops. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan GracePeriod { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Rules by topic; the first that matches applies. Default: one rule <c>**</c> with history and <c>replay</c>.</summary>
    public IList<TopicRule> Rules { get; } = [];
}
