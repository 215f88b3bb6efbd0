namespace Spillway.Delivery;

/// <summary>Why events were not delivered.</summary>
internal enum GapReason : byte
{
    /// <summary>A slow connection's backlog exceeded its rule's window, or a snapshot its limits.</summary>
    Overflow,

    /// <summary>Given up under load.</summary>
    Shed,

    /// <summary>Older than their ttl.</summary>
    Expired,

    /// <summary>Older than what history keeps.</summary>
    Retention,

    /// <summary>The cursor belongs to another history.</summary>
    Lost,

    /// <summary>Damaged in history.</summary>
    Corrupt,
}
