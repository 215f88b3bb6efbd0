namespace Spillway.History.Storage;

/// <summary>Where writing begins.</summary>
/// <param name="NextOffset">Above every offset that was ever used.</param>
/// <param name="LostTail">Whether newer records than those loaded are known to be lost.</param>
/// <param name="Synced">
/// The offset up to which all outlives a power loss. What follows was read from the system's memory: if a sync had failed before the process was killed, it is nowhere else, and
/// a later sync of the same file would succeed all the same.
/// </param>
internal readonly record struct StoredStart(long NextOffset, bool LostTail, long Synced);
