using System.Buffers.Binary;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Makes the sidecar of a segment to which nothing is appended any more.</summary>
internal static class SidecarWriter
{
    private const int DamageLength = 16;
    private const int HoleLength = 8;

    public static byte[] Write(Segment segment, SegmentHeader header, long fileLength)
    {
        var index = segment.Index;
        var order = Sort(index.Topics);
        var (topics, records) = (new SidecarBuffer(), new SidecarBuffer());
        var (topicEnds, recordEnds) = (SidecarTopics.Write(index, order, topics), SidecarRecords.Write(segment, records));
        var (topicDirectory, recordDirectory) = (SidecarDirectory.Make(topics.Written, topicEnds), SidecarDirectory.Make(records.Written, recordEnds));
        var sketch = segment.Sketch();
        var headLength = MeasureHead(segment, sketch.Length);
        var filterLength = TopicFilter.BlocksFor(index.Topics.Count) * TopicFilter.BlockLength;
        var bytes = new byte[headLength + filterLength + topicDirectory.Length + recordDirectory.Length + topics.Written.Length + records.Written.Length];
        var rest = bytes.AsSpan(headLength + filterLength);
        Put(topicDirectory, ref rest);
        Put(recordDirectory, ref rest);
        Put(topics.Written, ref rest);
        Put(records.Written, ref rest);

        var head = bytes.AsSpan(0, headLength);
        var salt = ((ulong)header.Seed << 32) ^ header.Number ^ header.Epoch; // Not known outside, and the same when the sidecar is made again: who has read its head goes on.
        TopicFilter.Build(index.Topics, salt, bytes.AsSpan(headLength, filterLength));
        WriteFixed(head, segment, header, fileLength);
        BinaryPrimitives.WriteUInt64LittleEndian(head[112..], salt);
        WritePart(head[120..], topics.Written, topicDirectory);
        WritePart(head[128..], records.Written, recordDirectory);
        WriteLists(head, segment, sketch);
        BinaryPrimitives.WriteUInt32LittleEndian(head[SidecarHead.ChecksumAt..], RecordChecksum.Compute(head, 0));
        return bytes;
    }

    private static int[] Sort(TopicTable topics)
    {
        var order = new int[topics.Count];
        for (var number = 0; number < order.Length; number++)
        {
            order[number] = number;
        }

        Array.Sort(order, (x, y) => topics.NameOf(x).SequenceCompareTo(topics.NameOf(y)));
        return order;
    }

    private static int MeasureHead(Segment segment, int sketch)
    {
        var length = SidecarHead.FixedLength + (segment.Holes.Length * HoleLength) + (segment.Damage.Count * DamageLength) + (sketch * sizeof(ulong));
        foreach (var ordinal in segment.Endings)
        {
            length += sizeof(long) + sizeof(ushort) + new EventRecord(segment.RecordAt(ordinal)).Topic.Length;
        }

        return (length + TopicFilter.BlockLength - 1) / TopicFilter.BlockLength * TopicFilter.BlockLength;
    }

    private static void WriteFixed(Span<byte> head, Segment segment, SegmentHeader header, long fileLength)
    {
        var index = segment.Index;
        var privateEvents = 0;
        for (var ordinal = 0; ordinal < index.Count; ordinal++)
        {
            privateEvents += index.IsPrivate(ordinal) && !index.IsMarker(ordinal) ? 1 : 0;
        }

        SidecarHead.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], SidecarHead.Version);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], head.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(head[24..], header.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(head[32..], header.Number);
        BinaryPrimitives.WriteInt64LittleEndian(head[40..], header.After);
        BinaryPrimitives.WriteInt64LittleEndian(head[48..], index.LastOffset);
        BinaryPrimitives.WriteInt64LittleEndian(head[56..], index.MinTime);
        BinaryPrimitives.WriteInt64LittleEndian(head[64..], index.MaxTime);
        BinaryPrimitives.WriteInt64LittleEndian(head[72..], segment.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[80..], fileLength);
        BinaryPrimitives.WriteUInt32LittleEndian(head[88..], header.Seed);
        BinaryPrimitives.WriteInt32LittleEndian(head[92..], index.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[96..], index.Events - privateEvents);
        BinaryPrimitives.WriteInt32LittleEndian(head[100..], privateEvents);
        BinaryPrimitives.WriteInt32LittleEndian(head[104..], index.Topics.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[108..], TopicFilter.BlocksFor(index.Topics.Count));
        BinaryPrimitives.WriteUInt32LittleEndian(head[152..], header.Cleaned);
    }

    private static void Put(ReadOnlySpan<byte> part, ref Span<byte> rest)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }

    private static void WritePart(Span<byte> at, ReadOnlySpan<byte> part, ReadOnlySpan<byte> directory)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, part.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], RecordChecksum.Compute(directory, 0));
    }

    private static void WriteLists(Span<byte> head, Segment segment, ulong[] sketch)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head[136..], segment.Holes.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[140..], segment.Damage.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[144..], segment.Endings.Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[148..], sketch.Length);
        var rest = head[SidecarHead.FixedLength..];
        foreach (var (ordinal, skipped) in segment.Holes)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, ordinal);
            BinaryPrimitives.WriteInt32LittleEndian(rest[4..], skipped);
            rest = rest[HoleLength..];
        }

        foreach (var gap in segment.Damage)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, gap.From);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], gap.To);
            rest = rest[DamageLength..];
        }

        foreach (var ordinal in segment.Endings)
        {
            var topic = new EventRecord(segment.RecordAt(ordinal)).Topic;
            BinaryPrimitives.WriteInt64LittleEndian(rest, segment.Index.OffsetAt(ordinal));
            BinaryPrimitives.WriteUInt16LittleEndian(rest[8..], (ushort)topic.Length);
            topic.CopyTo(rest[10..]);
            rest = rest[(10 + topic.Length)..];
        }

        foreach (var hash in sketch)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(rest, hash);
            rest = rest[sizeof(ulong)..];
        }
    }
}
