namespace Spillway.Transports.Parked;

[Flags]
internal enum ParkedFlags : byte
{
    /// <summary>The number's connection is not parked: it is hosted, or there is none.</summary>
    None = 0,

    Parked = 1,

    /// <summary>What it sends is frames; else it has nothing to say.</summary>
    WebSocket = 2,

    /// <summary>It took less than it was given: the loop waits to hear that it takes more.</summary>
    Full = 4,

    /// <summary>It is not read: a command is under way, or nothing it says matters any more.</summary>
    Paused = 8,

    /// <summary>Its client has ended its half, or reset the connection.</summary>
    PeerGone = 16,
}
