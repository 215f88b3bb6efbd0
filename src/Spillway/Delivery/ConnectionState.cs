namespace Spillway.Delivery;

/// <summary>Where a connection gets its events from.</summary>
internal enum ConnectionState : byte
{
    /// <summary>The number is not in use.</summary>
    Free,

    /// <summary>From the window.</summary>
    Live,

    /// <summary>From pages of history, until one reaches the window.</summary>
    Replay,

    /// <summary>Its last bytes are written or given up; it takes nothing more.</summary>
    Ending,
}
