namespace Spillway.History.Sealed;

/// <summary>The topics' part of a sidecar: readable alone, for lists of topics.</summary>
/// <remarks>
/// For each topic, in the order of their bytes, numbers as LEB128: bytes shared with the name before · bytes of the rest of the name · the rest · public events ·
/// private events · milliseconds from its newest record to the segment's greatest time · number of its postings.
/// </remarks>
internal static class SidecarTopics
{
    /// <summary>Writes all topics of a segment in the order given.</summary>
    public static void Write(SegmentIndex index, int[] order, int[] postings, SidecarBuffer output)
    {
        ReadOnlySpan<byte> previous = [];
        foreach (var number in order)
        {
            var name = index.Topics.NameOf(number);
            ref readonly var entry = ref index.Topics[number];
            var shared = previous.CommonPrefixLength(name);
            output.WriteNumber((ulong)shared);
            output.WriteNumber((ulong)(name.Length - shared));
            output.WriteBytes(name[shared..]);
            output.WriteNumber((ulong)entry.PublicCount);
            output.WriteNumber((ulong)entry.PrivateCount);
            output.WriteNumber((ulong)(index.MaxTime - entry.LastTime));
            output.WriteNumber((ulong)postings[number]);
            previous = name;
        }
    }

    /// <summary>Reads all topics. <paramref name="postings"/>, where it is wanted, gets the number of each one's postings.</summary>
    public static TopicTable Read(ReadOnlySpan<byte> bytes, SidecarHead head, int[]? postings)
    {
        var scan = new SidecarScan(bytes);
        var names = new byte[bytes.Length * 2L > 256 ? bytes.Length : 256];
        var used = 0;
        var entries = new TopicEntry[head.Topics];
        for (var (number, previousAt, previousLength) = (0, 0, 0); number < entries.Length; number++)
        {
            var shared = scan.ReadCount(previousLength);
            var rest = scan.ReadCount(bytes.Length);
            if (used + shared + rest > names.Length)
            {
                Array.Resize(ref names, Math.Max(names.Length * 2, used + shared + rest));
            }

            names.AsSpan(previousAt, shared).CopyTo(names.AsSpan(used));
            scan.ReadBytes(rest).CopyTo(names.AsSpan(used + shared));
            ref var entry = ref entries[number];
            (entry.NameAt, entry.NameLength) = (used, shared + rest);
            entry.Hash = TopicHash.Of(names.AsSpan(used, shared + rest));
            (entry.PublicCount, entry.PrivateCount) = (scan.ReadCount(head.Count), scan.ReadCount(head.Count));
            entry.LastTime = head.MaxTime - (long)scan.ReadNumber();
            var count = scan.ReadCount(head.Count);
            if (postings is not null)
            {
                postings[number] = count;
            }

            (previousAt, previousLength) = (used, shared + rest);
            used += shared + rest;
        }

        if (!scan.IsAtEnd)
        {
            throw SidecarScan.Damaged();
        }

        return TopicTable.Restore(entries, names.AsSpan(0, used).ToArray());
    }
}
