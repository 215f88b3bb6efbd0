namespace Spillway.History.Storage;

/// <summary>A segment as it was found.</summary>
/// <param name="After">The offset of the last record before it.</param>
/// <param name="Block">Whole records that passed their checksums, one behind the other.</param>
/// <param name="Length">How many bytes of the block they take.</param>
/// <param name="File">Where they are stored.</param>
/// <param name="CanAppend">Whether the next record may go to the same file.</param>
/// <param name="Damage">Stretches of offsets in it that did not pass.</param>
internal sealed record StoredSegment(long After, byte[] Block, int Length, ISegmentFile File, bool CanAppend, IReadOnlyList<HistoryGap> Damage);
