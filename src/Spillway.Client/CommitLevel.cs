namespace Spillway.Client;

/// <summary>When the hub answers a publisher, and what its answer promises.</summary>
public enum CommitLevel
{
    /// <summary>The events have their place in the order; a crash of the hub loses them.</summary>
    Memory,

    /// <summary>They are with the operating system: a killed hub loses none, a power loss may.</summary>
    Written,

    /// <summary>They are on the disk: neither loses one.</summary>
    Synced,
}
