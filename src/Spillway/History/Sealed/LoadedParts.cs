namespace Spillway.History.Sealed;

/// <summary>What is loaded of a segment's records: of all, or of those that a look-up has found, numbered anew.</summary>
internal sealed class LoadedParts(int count, int pieces)
{
    /// <summary>Per record: offset above the first one's, and its bits, as <see cref="SegmentIndex"/> keeps them.</summary>
    public uint[] Entries { get; } = new uint[count];

    /// <summary>Per record: where it begins and ends in the file, behind the segment's header.</summary>
    public int[] Starts { get; } = new int[count];

    public int[] Ends { get; } = new int[count];

    /// <summary>Per record: the number, one higher, of the next record with its topic, key and visibility; 0 if there is none.</summary>
    public int[] Superseded { get; } = new int[count];

    /// <summary>For every <see cref="SidecarRecords.PerPiece"/> records their least time; of a look-up's records nothing.</summary>
    public long[] LeastTimes { get; } = new long[pieces];

    public PostingLists Postings { get; } = new();

    /// <summary>The first record's offset.</summary>
    public long Base { get; private set; }

    /// <summary>Events, markers not counted.</summary>
    public int Events { get; private set; }

    public long Bytes => (Entries.Length * 12L) + (LeastTimes.Length * 8L);

    public void Set(int ordinal, in SidecarRecord record, int next)
    {
        Base = ordinal == 0 ? record.Offset : Base;
        if (record.Offset - Base is < 0 or > SegmentIndex.LargestSpan)
        {
            throw SidecarScan.Damaged();
        }

        Entries[ordinal] = ((uint)(record.Offset - Base) << SegmentIndex.FlagBits) | record.Bits;
        (Starts[ordinal], Ends[ordinal], Superseded[ordinal]) = (record.Start, record.Start + record.Length, next);
        Events += SegmentIndex.IsMarkerEntry(record.Bits) ? 0 : 1;
    }
}
