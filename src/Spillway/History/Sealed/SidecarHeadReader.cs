using System.Buffers.Binary;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Reads the heads of sidecars.</summary>
internal static class SidecarHeadReader
{
    private const int FirstRead = 12 * 1024; // Most heads whole: a full sketch is 8 KiB.

    /// <summary>Reads a sidecar's head; null if it is damaged, cut short or of another version.</summary>
    public static SidecarHead? TryRead(IDiskFile file, List<SidecarEnd>? ends)
    {
        var bytes = new byte[FirstRead];
        var read = file.Read(0, bytes);
        var length = SidecarHead.LengthOf(bytes.AsSpan(0, read));
        if (length == 0 || length > file.Length)
        {
            return null;
        }

        if (length > read)
        {
            bytes = new byte[length];
            read = file.Read(0, bytes);
        }

        if (read < length)
        {
            return null;
        }

        var head = bytes.AsSpan(0, length);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(head[SidecarHead.ChecksumAt..]);
        head.Slice(SidecarHead.ChecksumAt, sizeof(uint)).Clear();
        return checksum == RecordChecksum.Compute(head, 0) && Parse(head, ends) is { } parsed && file.Length == parsed.RecordsAt + parsed.RecordsLength ? parsed : null;
    }

    private static SidecarHead? Parse(ReadOnlySpan<byte> head, List<SidecarEnd>? ends)
    {
        Span<int> counts = stackalloc int[4];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = BinaryPrimitives.ReadInt32LittleEndian(head[(136 + (i * 4))..]);
        }

        var rest = head[SidecarHead.FixedLength..];
        if (counts[0] < 0 || counts[1] < 0 || counts[2] < 0 || counts[3] < 0 || (counts[0] * 8L) + (counts[1] * 16L) + (counts[2] * 10L) + (counts[3] * 8L) > rest.Length)
        {
            return null;
        }

        var (holes, damage) = (new (int, int)[counts[0]], new HistoryGap[counts[1]]);
        foreach (ref var hole in holes.AsSpan())
        {
            hole = (BinaryPrimitives.ReadInt32LittleEndian(rest), BinaryPrimitives.ReadInt32LittleEndian(rest[4..]));
            rest = rest[8..];
        }

        foreach (ref var gap in damage.AsSpan())
        {
            gap = new HistoryGap(BinaryPrimitives.ReadInt64LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[8..]), null, Corrupt: true);
            rest = rest[16..];
        }

        if (!TryReadEnds(ref rest, counts[2], ends) || counts[3] * (long)sizeof(ulong) > rest.Length)
        {
            return null;
        }

        var sketch = new ulong[counts[3]];
        for (var i = 0; i < sketch.Length; i++)
        {
            sketch[i] = BinaryPrimitives.ReadUInt64LittleEndian(rest[(i * sizeof(ulong))..]);
        }

        var parsed = ParseFixed(head, holes, damage, counts[2], sketch);
        return IsPossible(parsed) ? parsed : null;
    }

    private static bool TryReadEnds(ref ReadOnlySpan<byte> rest, int count, List<SidecarEnd>? ends)
    {
        for (var i = 0; i < count; i++)
        {
            if (rest.Length < 10 || BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]) is var length && length > rest.Length - 10)
            {
                return false;
            }

            ends?.Add(new SidecarEnd(BinaryPrimitives.ReadInt64LittleEndian(rest), rest.Slice(10, length).ToArray()));
            rest = rest[(10 + length)..];
        }

        return true;
    }

    private static SidecarHead ParseFixed(ReadOnlySpan<byte> head, (int, int)[] holes, HistoryGap[] damage, int ends, ulong[] sketch) => new()
    {
        HeadLength = head.Length,
        Epoch = BinaryPrimitives.ReadUInt64LittleEndian(head[24..]),
        Number = BinaryPrimitives.ReadUInt64LittleEndian(head[32..]),
        After = BinaryPrimitives.ReadInt64LittleEndian(head[40..]),
        LastOffset = BinaryPrimitives.ReadInt64LittleEndian(head[48..]),
        MinTime = BinaryPrimitives.ReadInt64LittleEndian(head[56..]),
        MaxTime = BinaryPrimitives.ReadInt64LittleEndian(head[64..]),
        Length = BinaryPrimitives.ReadInt64LittleEndian(head[72..]),
        FileLength = BinaryPrimitives.ReadInt64LittleEndian(head[80..]),
        Seed = BinaryPrimitives.ReadUInt32LittleEndian(head[88..]),
        Count = BinaryPrimitives.ReadInt32LittleEndian(head[92..]),
        PublicEvents = BinaryPrimitives.ReadInt32LittleEndian(head[96..]),
        PrivateEvents = BinaryPrimitives.ReadInt32LittleEndian(head[100..]),
        Topics = BinaryPrimitives.ReadInt32LittleEndian(head[104..]),
        FilterBlocks = BinaryPrimitives.ReadInt32LittleEndian(head[108..]),
        FilterSalt = BinaryPrimitives.ReadUInt64LittleEndian(head[112..]),
        TopicsLength = BinaryPrimitives.ReadInt32LittleEndian(head[120..]),
        TopicsChecksum = BinaryPrimitives.ReadUInt32LittleEndian(head[124..]),
        RecordsLength = BinaryPrimitives.ReadInt32LittleEndian(head[128..]),
        RecordsChecksum = BinaryPrimitives.ReadUInt32LittleEndian(head[132..]),
        Cleaned = BinaryPrimitives.ReadUInt32LittleEndian(head[152..]),
        Holes = holes,
        Damage = damage,
        Ends = ends,
        Sketch = sketch,
    };

    /// <summary>Of a head that passes its checksum: no number may make the reader allocate or seek what the file cannot hold.</summary>
    private static bool IsPossible(SidecarHead head) =>
        head is { Count: >= 0, Topics: >= 0, FilterBlocks: >= 0, TopicsLength: >= 0, RecordsLength: >= 0, Length: >= 0, After: >= 0 }
        && head.Count <= head.RecordsLength && head.Topics <= head.TopicsLength && head.FilterBlocks == TopicFilter.BlocksFor(head.Topics)
        && head.LastOffset >= head.After && head.FileLength >= SegmentHeader.Length + head.Length && head.FileLength <= int.MaxValue + (long)SegmentHeader.Length
        && head.Count >= head.Events && Array.TrueForAll(head.Holes, static hole => hole.Skipped >= 0);
}
