namespace Spillway.Events;

/// <summary>What happens to a slow connection: one whose last write did not fit and whose backlog exceeds its rule's window.</summary>
public enum OverflowPolicy
{
    /// <summary>It reads on from history at its own pace; a gap only past retention. The default where there is history.</summary>
    Replay,

    /// <summary>It keeps the newest events of the rule's window and is told a gap. The default where there is no history.</summary>
    DropOldest,

    /// <summary>It keeps the oldest events of the rule's window; when they are written, it goes on with what is published then, and is told a gap.</summary>
    DropNewest,

    /// <summary>It skips events that a newer one with the same topic and key has superseded. That is no gap.</summary>
    Latest,

    /// <summary>It is closed, told when to come back, and resumes by its cursor.</summary>
    Disconnect,
}
