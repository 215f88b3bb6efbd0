using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>What a subscriber may send over a WebSocket.</summary>
public sealed class WebSocketOptions
{
    /// <summary>The most bytes of a message, all its fragments together. Default: 16 KiB.</summary>
    [Range(1_024, 1_024 * 1_024)]
    public int MessageBytes { get; set; } = 16 * 1024;

    /// <summary>The most messages and pings in a second. Default: 10.</summary>
    [Range(1, 10_000)]
    public int MessagesPerSecond { get; set; } = 10;

    /// <summary>The most topics and patterns of a subscription that changes while it is live. Default: 256.</summary>
    [Range(1, 10_000)]
    public int Selectors { get; set; } = 256;

    /// <summary>How long a client may take to answer the hub's close frame. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether upgrades to a WebSocket are answered. Default: true.</summary>
    public bool Enabled { get; set; } = true;
}
