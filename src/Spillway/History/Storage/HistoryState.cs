namespace Spillway.History.Storage;

/// <summary>What a directory remembers besides its records.</summary>
/// <param name="Chain">The history's identity, and of which others it is a branch.</param>
/// <param name="Reserved">Offsets up to this one may have been used.</param>
/// <param name="Next">After a clean stop: where numbering goes on; else 0.</param>
internal sealed record HistoryState(EpochChain Chain, long Reserved, long Next);
