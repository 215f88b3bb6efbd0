namespace Spillway.History.Sealed;

/// <summary>The records' part of a sidecar, in pieces of 256 records.</summary>
/// <remarks>
/// Numbers as LEB128. A piece begins with: the offset before its first record less the one before the segment · where its first record begins, behind the segment's
/// header · its least time less the segment's. Then for each record: (offset less the one before less 1) * 8 + 1 for a marker + 2 for a private event + 4 for one with
/// alternates · its length · distance to the next record with its topic, key and visibility, 0 if there is none. Holes (see the head) lie before a record.
/// </remarks>
internal static class SidecarRecords
{
    public const int PerPiece = 256;

    /// <summary>Writes all records of a segment; says where the pieces end.</summary>
    public static List<int> Write(Segment segment, SidecarBuffer output)
    {
        var index = segment.Index;
        var ends = new List<int>();
        var (offset, end, hole) = (index.After, 0, 0);
        for (var ordinal = 0; ordinal < index.Count; ordinal++)
        {
            if (hole < segment.Holes.Length && segment.Holes[hole].Ordinal == ordinal)
            {
                end += segment.Holes[hole++].Skipped;
            }

            if (ordinal % PerPiece == 0)
            {
                BeginPiece(segment, ordinal, offset, end, output, ends);
            }

            var (next, length) = (index.OffsetAt(ordinal), segment.EndOf(ordinal) - segment.StartOf(ordinal));
            output.WriteNumber(((ulong)(next - offset - 1) << SegmentIndex.FlagBits) | index.FlagsAt(ordinal));
            output.WriteNumber((ulong)length);
            output.WriteNumber(segment.NextOf(ordinal) is var superseding and > 0 ? (ulong)(superseding - 1 - ordinal) : 0);
            (offset, end) = (next, end + length);
        }

        if (index.Count > 0)
        {
            ends.Add(output.Written.Length);
        }

        return ends;
    }

    /// <summary>Reads one piece record by record; says its least time.</summary>
    public static long Read(ReadOnlySpan<byte> piece, int number, SidecarHead head, Action<SidecarRecord> take)
    {
        var scan = new SidecarScan(piece);
        var offset = head.After + (long)scan.ReadNumber();
        var start = scan.ReadCount(int.MaxValue);
        var leastTime = head.MinTime + (long)scan.ReadNumber();
        var (first, last) = (number * PerPiece, Math.Min((number + 1) * PerPiece, head.Count));
        for (var ordinal = first; ordinal < last; ordinal++)
        {
            var entry = scan.ReadNumber();
            offset += (long)(entry >> SegmentIndex.FlagBits) + 1;
            start += ordinal == first ? 0 : head.HoleBefore(ordinal);
            var length = scan.ReadCount(int.MaxValue - start);
            var superseding = scan.ReadCount(head.Count - 1 - ordinal);
            take(new SidecarRecord(ordinal, offset, (uint)entry & SegmentIndex.FlagMask, start, length, superseding == 0 ? 0 : ordinal + superseding + 1));
            start += length;
        }

        scan.CheckEnd();
        return leastTime;
    }

    private static void BeginPiece(Segment segment, int ordinal, long offset, int start, SidecarBuffer output, List<int> ends)
    {
        if (ordinal > 0)
        {
            ends.Add(output.Written.Length);
        }

        var least = long.MaxValue;
        for (var i = ordinal; i < Math.Min(ordinal + PerPiece, segment.Index.Count); i++)
        {
            least = Math.Min(least, segment.TimeAt(i));
        }

        output.WriteNumber((ulong)(offset - segment.Index.After));
        output.WriteNumber((ulong)start);
        output.WriteNumber((ulong)(least - segment.Index.MinTime));
    }
}
