using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>What a subscriber may send over a WebSocket.</summary>
public sealed class WebSocketOptions
{
    /// <summary>The most bytes of a message, all its fragments together. Default: 16 KiB.</summary>
    [Range(1_024, 1_024 * 1_024)]
    public int MessageBytes { get; set; } = 16 * 1024;

    /// <summary>The most fragments of a message: empty ones cost nothing to send. Default: 128.</summary>
    [Range(1, 65_536)]
    public int MessageFragments { get; set; } = 128;

    /// <summary>How long a message may take to come whole, from its first byte to its last, and a frame as well: what has come of it is kept meanwhile. Then the connection ends. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan MessageTimeout { get; set; } = TimeSpan.FromSeconds(10); // 16 KiB take one over 13 kbit/s.

    /// <summary>The most messages and pings in a second. Default: 10.</summary>
    [Range(1, 10_000)]
    public int MessagesPerSecond { get; set; } = 10;

    /// <summary>The most topics and patterns of a subscription that changes while it is live. Default: 256.</summary>
    [Range(1, 10_000)]
    public int Selectors { get; set; } = 256;

    /// <summary>How long a client may take to answer the hub's close frame. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The share of connections that are asked to say, now and then, which event they have processed: that measures how long delivery takes. Default: 0.01.</summary>
    [Range(0.0, 1.0)]
    public double ReceiptShare { get; set; } = 0.01;

    /// <summary>The least time between two such receipts of one connection. Default: 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
    public TimeSpan ReceiptInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether upgrades to a WebSocket are answered. Default: true.</summary>
    public bool Enabled { get; set; } = true;
}
