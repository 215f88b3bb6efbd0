using System.Buffers.Binary;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>The head of a sidecar: what is known of a sealed segment without loading its index.</summary>
/// <remarks>
/// A sidecar is named like its segment, with <c>.index</c> for <c>.segment</c>. Little-endian. It is written whole and synced under another name, then renamed.
/// <code>
///   0  8 bytes  "SPWINDEX"
///   8  u32      version, 1
///  12  u32      CRC-32C of the head, to its length, with this field 0
///  16  u32      length of the head, a multiple of 64
///  20  u32      0
///  24  u64      epoch
///  32  u64      number of the segment
///  40  i64      offset of the last record before the segment
///  48  i64      offset of the segment's last record, also where retention took it, or as before where it has none
///  56  i64      least time of its records, milliseconds since 1970
///  64  i64      greatest time
///  72  i64      bytes of its records
///  80  i64      length of its file: a file of another length is not the one that was sealed
///  88  u32      seed of the records' checksums
///  92  u32      records
///  96  u32      public events, markers not counted
/// 100  u32      private events
/// 104  u32      topics
/// 108  u32      blocks of the filter
/// 112  u64      salt of the filter
/// 120  u32      length of the topics' part   124  u32  CRC-32C of its directory
/// 128  u32      length of the records' part  132  u32  CRC-32C of its directory
/// 136  u32      holes      140  u32  damaged stretches      144  u32  ends of topics      148  u32  hashes of the sketch
/// 152  u32      how often retention has cleaned the segment
/// 156  zero to 192
/// 192  holes: u32 number of the record behind, u32 bytes of the file before it that count for nothing
///      damaged stretches: i64 from, i64 to (offsets; the first excluded)
///      ends of topics: i64 offset, u16 length of the topic, topic
///      sketch: u64 hashes, ascending
///      zero to the head's length
///      filter: blocks of 64 bytes (TopicFilter)
///      directory of the topics' part, directory of the records' part (SidecarDirectory)
///      topics' part (SidecarTopics), records' part (SidecarRecords), to the end of the file
/// </code>
/// </remarks>
internal sealed class SidecarHead
{
    public const int FixedLength = 192;
    public const uint Version = 1;
    public const int ChecksumAt = 12;

    public required ulong Epoch { get; init; }

    public required ulong Number { get; init; }

    public required long After { get; init; }

    public required long LastOffset { get; init; }

    public required long MinTime { get; init; }

    public required long MaxTime { get; init; }

    public required long Length { get; init; }

    public required long FileLength { get; init; }

    public required uint Seed { get; init; }

    public required int Count { get; init; }

    /// <summary>How often retention has cleaned the segment: 0, and it says all that the segment ever held.</summary>
    public required uint Cleaned { get; init; }

    public required int PublicEvents { get; init; }

    public required int PrivateEvents { get; init; }

    public required int Topics { get; init; }

    public required int FilterBlocks { get; init; }

    public required ulong FilterSalt { get; init; }

    public required int TopicsLength { get; init; }

    public required uint TopicsChecksum { get; init; }

    public required int RecordsLength { get; init; }

    public required uint RecordsChecksum { get; init; }

    public required (int Ordinal, int Skipped)[] Holes { get; init; }

    public required HistoryGap[] Damage { get; init; }

    public required ulong[] Sketch { get; set; } // Only of segments whose events are kept.

    /// <summary>Records that ended topics.</summary>
    public required int Ends { get; init; }

    /// <summary>Bytes of the head: where the filter begins.</summary>
    public required int HeadLength { get; init; }

    public int TopicPieces => PiecesFor(Topics, SidecarTopics.PerPiece);

    public int RecordPieces => PiecesFor(Count, SidecarRecords.PerPiece);

    public long TopicDirectoryAt => HeadLength + ((long)FilterBlocks * TopicFilter.BlockLength);

    public long RecordDirectoryAt => TopicDirectoryAt + ((long)TopicPieces * SidecarDirectory.EntryLength);

    public long TopicsAt => RecordDirectoryAt + ((long)RecordPieces * SidecarDirectory.EntryLength);

    public long RecordsAt => TopicsAt + TopicsLength;

    public int Events => PublicEvents + PrivateEvents;

    private static int PiecesFor(int count, int each) => (int)((count + (long)each - 1) / each);

    public static ReadOnlySpan<byte> Magic => "SPWINDEX"u8;

    /// <summary>Bytes of the file before a record that count for nothing.</summary>
    public int HoleBefore(int ordinal)
    {
        foreach (var (behind, skipped) in Holes)
        {
            if (behind == ordinal)
            {
                return skipped;
            }
        }

        return 0; // Hardly a segment has a hole.
    }

    /// <summary>Whether it is of the segment with this header.</summary>
    public bool IsOf(SegmentHeader header) => (Epoch, Number, After, Seed, Cleaned) == (header.Epoch, header.Number, header.After, header.Seed, header.Cleaned);

    /// <summary>The header of the segment's file as far as it matters to who has the sidecar.</summary>
    public SegmentHeader ToHeader() => new(Epoch, After, Number, Seed, Synced: LastOffset, Parent: 0, Cleaned);

    /// <summary>The length that the bytes, at least <see cref="FixedLength"/> of them, claim for the head; 0 if they are no head of this version.</summary>
    public static int LengthOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= FixedLength && bytes.StartsWith(Magic) && BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Version
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]) is var length && length is >= FixedLength and <= int.MaxValue && length % TopicFilter.BlockLength == 0 ? (int)length : 0;
}
