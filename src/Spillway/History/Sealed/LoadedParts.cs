namespace Spillway.History.Sealed;

/// <summary>What is read of a sidecar's records' part.</summary>
internal sealed class LoadedParts(SidecarHead head)
{
    private long _base;

    /// <summary>Per record: offset above the first one's, and its bits, as <see cref="SegmentIndex"/> keeps them.</summary>
    public uint[] Entries { get; } = new uint[head.Count];

    /// <summary>Per record: where it ends in the file, behind the segment's header.</summary>
    public int[] Ends { get; } = new int[head.Count];

    /// <summary>Per record: the number, one higher, of the next record with its topic and key; 0 if there is none.</summary>
    public int[] Superseded { get; } = new int[head.Count];

    /// <summary>For every <see cref="SidecarRecords.TimesEvery"/> records their least time.</summary>
    public long[] LeastTimes { get; } = new long[(head.Count + SidecarRecords.TimesEvery - 1) / SidecarRecords.TimesEvery];

    public PostingLists Postings { get; } = new();

    /// <summary>The first record's offset.</summary>
    public long Base => _base;

    public void SetEntry(int ordinal, long offset, uint bits)
    {
        _base = ordinal == 0 ? offset : _base;
        if (offset - _base is < 0 or > SegmentIndex.LargestSpan)
        {
            throw SidecarScan.Damaged();
        }

        Entries[ordinal] = ((uint)(offset - _base) << SegmentIndex.FlagBits) | bits;
    }
}
