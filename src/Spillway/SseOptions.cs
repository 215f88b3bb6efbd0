using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>How Server-Sent Events are written.</summary>
public sealed class SseOptions
{
    /// <summary>A quiet connection gets a few bytes after this time. Default: 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A connection that takes no byte for this time while something is pending is closed. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan WriteStall { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A stream is ended properly after this time, ±10 %. Default: none.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan? MaxLifetime { get; set; }

    /// <summary>Connections that the hub means to accept in a second; spreads <c>retry</c> over the time that all would need. Default: 2,000.</summary>
    [Range(1, 1_000_000)]
    public int AcceptRate { get; set; } = 2_000;

    /// <summary>Whether streams are answered. Default: true.</summary>
    public bool Enabled { get; set; } = true;
}
