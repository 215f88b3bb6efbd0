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
        SidecarTopics.Read(ReadBytes(file, head.TopicsAt, head.TopicsLength), ReadTopicDirectory(file, head), head, null);

    /// <summary>Reads the whole index.</summary>
    public static (SegmentIndex Index, LoadedParts Parts) Read(IDiskFile file, SidecarHead head)
    {
        var directory = ReadRecordDirectory(file, head);
        var records = ReadBytes(file, head.RecordsAt, head.RecordsLength);
        var parts = new LoadedParts(head.Count, directory.Count);
        var topics = SidecarTopics.Read(ReadBytes(file, head.TopicsAt, head.TopicsLength), ReadTopicDirectory(file, head), head, parts.Postings);
        for (var piece = 0; piece < directory.Count; piece++)
        {
            var bytes = directory.Check(piece, records.AsSpan(directory.StartOf(piece), directory.EndOf(piece) - directory.StartOf(piece)));
            parts.LeastTimes[piece] = SidecarRecords.Read(bytes, piece, head, record => parts.Set(record.Ordinal, record, record.Next));
        }

        return (SegmentIndex.Restore(head, topics, parts), parts);
    }

    public static SidecarDirectory ReadTopicDirectory(IDiskFile file, SidecarHead head) =>
        ReadDirectory(file, head.TopicDirectoryAt, head.TopicPieces, head.TopicsChecksum);

    public static SidecarDirectory ReadRecordDirectory(IDiskFile file, SidecarHead head) =>
        ReadDirectory(file, head.RecordDirectoryAt, head.RecordPieces, head.RecordsChecksum);

    private static SidecarDirectory ReadDirectory(IDiskFile file, long at, int pieces, uint checksum)
    {
        var bytes = ReadBytes(file, at, pieces * SidecarDirectory.EntryLength);
        return RecordChecksum.Compute(bytes, 0) == checksum
            ? new SidecarDirectory(bytes)
            : throw new InvalidDataException("A directory of a sidecar of the history fails its checksum.");
    }

    private static byte[] ReadBytes(IDiskFile file, long at, int length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(length);
        return file.Read(at, bytes) == length ? bytes : throw SidecarScan.Damaged();
    }
}
