namespace Spillway;

/// <summary>What a publisher's answer promises of its events.</summary>
public enum CommitLevel
{
    /// <summary>They have their place in the order, in this process alone: a crash loses them. Answered with 202.</summary>
    Memory,

    /// <summary>They are with the operating system: a killed process loses none, a power loss may.</summary>
    Written,

    /// <summary>They are on the disk: neither loses one.</summary>
    Synced,
}
