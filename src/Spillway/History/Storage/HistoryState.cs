namespace Spillway.History.Storage;

/// <summary>What a directory remembers besides its records.</summary>
/// <param name="Epoch">The history's identity.</param>
/// <param name="Reserved">Offsets up to this one may have been used.</param>
/// <param name="Next">After a clean stop: where numbering goes on; else 0.</param>
internal readonly record struct HistoryState(ulong Epoch, long Reserved, long Next);
