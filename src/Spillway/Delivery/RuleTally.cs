namespace Spillway.Delivery;

/// <summary>What of a slow connection's backlog belongs to one rule.</summary>
internal struct RuleTally
{
    public int Events;
    public long Bytes;

    /// <summary>Whether that exceeds the rule's window.</summary>
    public bool IsExceeded;

    /// <summary>Counted so far towards what the rule keeps.</summary>
    public int KeptEvents;
    public long KeptBytes;
}
