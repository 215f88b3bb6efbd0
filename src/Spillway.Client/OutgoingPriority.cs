namespace Spillway.Client;

/// <summary>How much an event matters when a subscriber cannot take everything. It never changes the order of events.</summary>
public enum OutgoingPriority
{
    /// <summary>Between the others.</summary>
    Normal,

    /// <summary>Given up first.</summary>
    Low,

    /// <summary>Never skipped, unless its ttl has passed.</summary>
    Critical,
}
