using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Reads what is behind the head of a sidecar. Damage is told by <see cref="InvalidDataException"/>.</summary>
internal static class SidecarReader
{
    /// <summary>Whether a topic may be in the segment, by one small read.</summary>
    public static bool MayHold(IDiskFile file, SidecarHead head, ReadOnlySpan<byte> topic)
    {
        if (head.FilterBlocks == 0)
        {
            return false;
        }

        var hash = StableHash.Of(topic, head.FilterSalt);
        var number = TopicFilter.BlockOf(hash, head.FilterBlocks);
        Span<byte> block = stackalloc byte[TopicFilter.BlockLength];
        return file.Read(head.HeadLength + ((long)number * TopicFilter.BlockLength), block) < block.Length || TopicFilter.MayHold(block, hash, number);
    }

    /// <summary>Reads the names and counts alone.</summary>
    public static TopicTable ReadTopics(IDiskFile file, SidecarHead head) =>
        SidecarTopics.Read(ReadPart(file, head.TopicsAt, head.TopicsLength, head.TopicsChecksum), head, null);

    /// <summary>Reads the whole index.</summary>
    public static (SegmentIndex Index, LoadedParts Parts) Read(IDiskFile file, SidecarHead head)
    {
        var postings = new int[head.Topics];
        var topics = SidecarTopics.Read(ReadPart(file, head.TopicsAt, head.TopicsLength, head.TopicsChecksum), head, postings);
        var parts = SidecarRecords.Read(ReadPart(file, head.RecordsAt, head.RecordsLength, head.RecordsChecksum), head, topics, postings);
        return (SegmentIndex.Restore(head, topics, parts), parts);
    }

    private static byte[] ReadPart(IDiskFile file, long at, int length, uint checksum)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        return file.Read(at, bytes) == length && RecordChecksum.Compute(bytes, 0) == checksum
            ? bytes
            : throw new InvalidDataException("A sidecar of the history fails its checksum.");
    }
}
