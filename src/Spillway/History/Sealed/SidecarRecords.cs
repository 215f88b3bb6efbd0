namespace Spillway.History.Sealed;

/// <summary>The records' part of a sidecar: where they are and which belong to which topic.</summary>
/// <remarks>
/// Numbers as LEB128. For each record: (offset less the one before less 1) * 8 + 1 for a marker + 2 for a private event + 4 for one with alternates · its length ·
/// distance to the next record with its topic and key, 0 if there is none. The offset before the first is the segment's.
/// Then for every 256 records begun: their least time less the segment's. Then for each topic its records: the distance of each to the one before, from -1 on.
/// </remarks>
internal static class SidecarRecords
{
    /// <summary>Records that share one least time.</summary>
    public const int TimesEvery = 256;

    public static void Write(Segment segment, int[] order, SidecarBuffer output)
    {
        var index = segment.Index;
        var offset = index.After;
        for (var ordinal = 0; ordinal < index.Count; ordinal++)
        {
            var next = index.OffsetAt(ordinal);
            output.WriteNumber(((ulong)(next - offset - 1) << SegmentIndex.FlagBits) | index.FlagsAt(ordinal));
            output.WriteNumber((ulong)(segment.EndOf(ordinal) - segment.StartOf(ordinal)));
            output.WriteNumber(segment.NextOf(ordinal) is var superseding and > 0 ? (ulong)(superseding - 1 - ordinal) : 0);
            offset = next;
        }

        for (var first = 0; first < index.Count; first += TimesEvery)
        {
            output.WriteNumber((ulong)(LeastTime(segment, first) - index.MinTime));
        }

        foreach (var number in order)
        {
            WritePostings(index, number, output);
        }
    }

    public static LoadedParts Read(ReadOnlySpan<byte> bytes, SidecarHead head, TopicTable topics, int[] postings)
    {
        var scan = new SidecarScan(bytes);
        var parts = new LoadedParts(head);
        var (offset, end) = (head.After, 0);
        var hole = 0;
        for (var ordinal = 0; ordinal < head.Count; ordinal++)
        {
            var entry = scan.ReadNumber();
            offset += (long)(entry >> SegmentIndex.FlagBits) + 1;
            if (hole < head.Holes.Length && head.Holes[hole].Ordinal == ordinal)
            {
                end += head.Holes[hole++].Skipped;
            }

            end += scan.ReadCount(int.MaxValue - end);
            parts.Ends[ordinal] = end;
            var superseding = scan.ReadCount(head.Count - 1 - ordinal);
            parts.Superseded[ordinal] = superseding == 0 ? 0 : ordinal + superseding + 1;
            parts.SetEntry(ordinal, offset, (uint)entry & SegmentIndex.FlagMask);
        }

        for (var i = 0; i < parts.LeastTimes.Length; i++)
        {
            parts.LeastTimes[i] = head.MinTime + (long)scan.ReadNumber();
        }

        for (var number = 0; number < topics.Count; number++)
        {
            ReadPostings(ref scan, parts, ref topics[number], postings[number]);
        }

        if (!scan.IsAtEnd || offset != head.LastOffset)
        {
            throw SidecarScan.Damaged();
        }

        return parts;
    }

    private static long LeastTime(Segment segment, int first)
    {
        var least = long.MaxValue;
        for (var ordinal = first; ordinal < Math.Min(first + TimesEvery, segment.Index.Count); ordinal++)
        {
            least = Math.Min(least, segment.TimeAt(ordinal));
        }

        return least;
    }

    private static void WritePostings(SegmentIndex index, int number, SidecarBuffer output)
    {
        var cells = index.Postings.Cells;
        var previous = -1;
        for (var cursor = new PostingCursor(index.Topics[number].FirstSlice); cursor.Current(cells) is var ordinal and not PostingCursor.End; cursor.Advance(cells))
        {
            output.WriteNumber((ulong)(ordinal - previous));
            previous = ordinal;
        }
    }

    private static void ReadPostings(ref SidecarScan scan, LoadedParts parts, ref TopicEntry entry, int count)
    {
        var tail = parts.Postings.Start();
        entry.FirstSlice = tail.At;
        for (var (i, ordinal) = (0, -1); i < count; i++)
        {
            var distance = scan.ReadCount(parts.Ends.Length - 1 - ordinal);
            ordinal += distance > 0 ? distance : throw SidecarScan.Damaged();
            tail = parts.Postings.Append(tail, ordinal);
        }
    }
}
