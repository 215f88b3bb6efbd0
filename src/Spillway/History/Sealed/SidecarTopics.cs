namespace Spillway.History.Sealed;

/// <summary>The topics' part of a sidecar, in pieces of 32 topics.</summary>
/// <remarks>
/// For each topic, in the order of their bytes, numbers as LEB128: bytes shared with the name before (0 at the beginning of a piece) · bytes of the rest of the name ·
/// the rest · public events · private events · milliseconds from its newest record to the segment's greatest time · number of its records · for each of them the
/// distance of its number to the one before, from -1 on.
/// </remarks>
internal static class SidecarTopics
{
    public const int PerPiece = 32;

    /// <summary>Writes all topics of a segment in the order given; says where the pieces end.</summary>
    public static List<int> Write(SegmentIndex index, int[] order, SidecarBuffer output)
    {
        var ends = new List<int>();
        ReadOnlySpan<byte> previous = [];
        for (var i = 0; i < order.Length; i++)
        {
            if (i > 0 && i % PerPiece == 0)
            {
                ends.Add(output.Written.Length);
                previous = [];
            }

            var name = index.Topics.NameOf(order[i]);
            ref readonly var entry = ref index.Topics[order[i]];
            var shared = previous.CommonPrefixLength(name);
            output.WriteNumber((ulong)shared);
            output.WriteNumber((ulong)(name.Length - shared));
            output.WriteBytes(name[shared..]);
            output.WriteNumber((ulong)entry.PublicCount);
            output.WriteNumber((ulong)entry.PrivateCount);
            output.WriteNumber((ulong)(index.MaxTime - entry.LastTime));
            WritePostings(index, entry.FirstSlice, output);
            previous = name;
        }

        if (order.Length > 0)
        {
            ends.Add(output.Written.Length);
        }

        return ends;
    }

    /// <summary>Reads all topics, and their records into <paramref name="postings"/> where they are wanted.</summary>
    public static TopicTable Read(ReadOnlySpan<byte> part, SidecarDirectory directory, SidecarHead head, PostingLists? postings)
    {
        var names = new NameBuffer(part.Length);
        var entries = new TopicEntry[head.Topics];
        for (var piece = 0; piece < directory.Count; piece++)
        {
            var scan = new SidecarScan(directory.Check(piece, Slice(part, directory, piece)));
            names.BeginPiece();
            for (var number = piece * PerPiece; number < Math.Min((piece + 1) * PerPiece, entries.Length); number++)
            {
                ref var entry = ref entries[number];
                (entry.NameAt, entry.NameLength) = names.ReadNext(ref scan);
                entry.Hash = TopicHash.Of(names.Last);
                var topic = SidecarTopic.Read(ref scan, head);
                (entry.PublicCount, entry.PrivateCount, entry.LastTime) = (topic.PublicCount, topic.PrivateCount, topic.LastTime);
                ReadPostings(ref scan, topic.Postings, head.Count, ref entry, postings);
            }

            scan.CheckEnd();
        }

        return TopicTable.Restore(entries, names.ToArray());
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> part, SidecarDirectory directory, int piece) =>
        directory.StartOf(piece) is var start && directory.EndOf(piece) is var end && start <= end && end <= part.Length ? part[start..end] : throw SidecarScan.Damaged();

    private static void WritePostings(SegmentIndex index, int firstSlice, SidecarBuffer output)
    {
        var cells = index.Postings.Cells;
        var count = 0;
        for (var cursor = new PostingCursor(firstSlice); cursor.Current(cells) != PostingCursor.End; cursor.Advance(cells))
        {
            count++;
        }

        output.WriteNumber((ulong)count);
        var previous = -1;
        for (var cursor = new PostingCursor(firstSlice); cursor.Current(cells) is var ordinal and not PostingCursor.End; cursor.Advance(cells))
        {
            output.WriteNumber((ulong)(ordinal - previous));
            previous = ordinal;
        }
    }

    private static void ReadPostings(ref SidecarScan scan, int count, int records, ref TopicEntry entry, PostingLists? postings)
    {
        var tail = postings?.Start() ?? default;
        entry.FirstSlice = tail.At;
        for (var (i, ordinal) = (0, -1); i < count; i++)
        {
            ordinal = scan.ReadOrdinal(ordinal, records);
            tail = postings?.Append(tail, ordinal) ?? default;
        }
    }
}
