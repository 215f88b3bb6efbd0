namespace Spillway.Events;

/// <summary>What happens to a slow connection: one whose last write did not fit and whose backlog exceeds its rule's window.</summary>
public enum OverflowPolicy
{
    /// <summary>It reads on from history at its own pace; a gap only past retention. The default where there is history.</summary>
    Replay,

    /// <summary>It keeps the newest events of the rule's window and is told a gap. The default where there is no history.</summary>
    DropOldest,
}
