namespace Spillway.Delivery;

/// <summary>How soon connections are brought an event. It never changes the events' order.</summary>
internal enum Lane : byte
{
    /// <summary>In the order in which loops hear of it.</summary>
    Normal,

    /// <summary>Before all others.</summary>
    Critical,

    /// <summary>When a least interval has passed since the connection's last write.</summary>
    Batched,
}
