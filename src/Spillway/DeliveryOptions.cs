using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>The window and the loops that serve connections from it.</summary>
public sealed class DeliveryOptions
{
    /// <summary>The newest events kept ready in memory, a power of two. Default: 262,144.</summary>
    [Range(16, 16_777_216)]
    public int WindowEvents { get; set; } = 262_144;

    /// <summary>The most bytes kept ready in memory, per wire format in use. At least four times the largest event. Default: 64 MiB.</summary>
    [Range(64 * 1_024, 4_294_967_296)]
    public long WindowBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Threads that serve connections. 0 (default): one per core, at most 64.</summary>
    [Range(0, 64)]
    public int Loops { get; set; }

    /// <summary>Pages of at most 64 KiB that may wait for connections in replay, in the whole hub. Default: 256.</summary>
    [Range(1, 65_536)]
    public int ReplayPages { get; set; } = 256;

    /// <summary>Bytes of cut signals and ephemeral events that a loop copies aside; a connection beyond it is closed and may resume. Default: 64 MiB.</summary>
    [Range(0, 1_099_511_627_776)]
    public long RestBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Memory for pages of history read for one connection and kept for others that come back from about the same place. 0: none. Default: 16 MiB.</summary>
    [Range(0, 1_073_741_824)]
    public int ReplayCacheBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Threads that read history for connections in replay. Default: 2.</summary>
    [Range(1, 64)]
    public int ReplayReaders { get; set; } = 2;
}
