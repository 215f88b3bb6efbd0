namespace Spillway.Events;

/// <summary>How much an event matters when a subscriber cannot take everything. It never changes the order of events.</summary>
public enum EventPriority
{
    /// <summary>Given up first.</summary>
    Low = 0,

    /// <summary>The default.</summary>
    Normal = 1,

    /// <summary>Never skipped, unless its ttl has passed.</summary>
    Critical = 2,
}
