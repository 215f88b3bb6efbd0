using Spillway.History.Sealed;

namespace Spillway.History.Storage;

/// <summary>A segment as it was found.</summary>
/// <param name="After">The offset of the last record before it.</param>
/// <param name="Block">Whole records that passed their checksums, one behind the other.</param>
/// <param name="Length">How many bytes of the block they take.</param>
/// <param name="File">Where they are stored.</param>
/// <param name="CanAppend">Whether the next record may go to the same file.</param>
/// <param name="Damage">Stretches of offsets in it that did not pass.</param>
internal sealed record StoredSegment(long After, byte[] Block, int Length, ISegmentFile File, bool CanAppend, IReadOnlyList<HistoryGap> Damage)
{
    /// <summary>Bytes of the file before a record that count for nothing.</summary>
    public IReadOnlyList<(int Ordinal, int Skipped)> Holes { get; init; } = [];

    /// <summary>Where retention has cleaned it: the offset of the last record that it had; else 0.</summary>
    public long CleanedUpTo { get; init; }

    /// <summary>Bytes of a torn end that were cut off.</summary>
    public long CutBytes { get; init; }

    /// <summary>A segment with a good sidecar: then the block is empty.</summary>
    public SealedSegment? Sealed { get; init; }

    /// <summary>The records of a sealed segment that ended topics.</summary>
    public IReadOnlyList<SidecarEnd> Ends { get; init; } = [];
}
