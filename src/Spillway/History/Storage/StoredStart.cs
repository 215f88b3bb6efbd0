namespace Spillway.History.Storage;

/// <summary>Where writing begins.</summary>
/// <param name="NextOffset">Above every offset that was ever used.</param>
/// <param name="LostTail">Whether newer records than those loaded are known to be lost.</param>
internal readonly record struct StoredStart(long NextOffset, bool LostTail);
