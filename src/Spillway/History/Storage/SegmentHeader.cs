using System.Buffers.Binary;

namespace Spillway.History.Storage;

/// <summary>The head of a segment's file. Little-endian.</summary>
/// <remarks>
/// <code>
///  0  8 bytes  "SPWSEGMT"
///  8  u32      version, 1
/// 12  u32      CRC-32C of this header with this field 0
/// 16  u64      epoch
/// 24  i64      offset of the last record before the segment
/// 32  u64      number of the segment, rising by creation
/// 40  u32      seed of the records' checksums
/// 44  i64      offset up to which all was synced when the file was made; of one that retention has cleaned the offset of the last record that it had
/// 52  u64      epoch from which the history branched off, 0: from none
/// 60  u32      how often retention has cleaned the segment
/// </code>
/// The file begins with it twice, so that one damaged bit does not cost a segment; records follow from byte 128.
/// </remarks>
internal readonly record struct SegmentHeader(ulong Epoch, long After, ulong Number, uint Seed, long Synced, ulong Parent = 0, uint Cleaned = 0)
{
    /// <summary>Both copies: where records begin.</summary>
    public const int Length = 2 * CopyLength;

    private const int CopyLength = 64;
    private const uint Version = 1;
    private const int ChecksumAt = 12;

    /// <summary>Where retention has cleaned the segment: the offset of the last record that it had; else 0.</summary>
    public long CleanedUpTo => Cleaned > 0 ? Synced : 0;

    private static ReadOnlySpan<byte> Magic => "SPWSEGMT"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        var copy = bytes.AsSpan(0, CopyLength);
        Magic.CopyTo(copy);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[8..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(copy[16..], Epoch);
        BinaryPrimitives.WriteInt64LittleEndian(copy[24..], After);
        BinaryPrimitives.WriteUInt64LittleEndian(copy[32..], Number);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[40..], Seed);
        BinaryPrimitives.WriteInt64LittleEndian(copy[44..], Synced);
        BinaryPrimitives.WriteUInt64LittleEndian(copy[52..], Parent);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[60..], Cleaned);
        BinaryPrimitives.WriteUInt32LittleEndian(copy[ChecksumAt..], RecordChecksum.Compute(copy, 0));
        copy.CopyTo(bytes.AsSpan(CopyLength));
        return bytes;
    }

    /// <summary>Reads the first copy that passes its checksum.</summary>
    /// <exception cref="NotSupportedException">A whole header of a later version.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header)
    {
        for (var at = 0; at + CopyLength <= bytes.Length && at < Length; at += CopyLength)
        {
            if (TryReadCopy(bytes.Slice(at, CopyLength), out header))
            {
                return true;
            }
        }

        header = default;
        return false;
    }

    private static bool TryReadCopy(ReadOnlySpan<byte> copy, out SegmentHeader header)
    {
        header = default;
        Span<byte> unsigned = stackalloc byte[CopyLength];
        copy.CopyTo(unsigned);
        unsigned.Slice(ChecksumAt, 4).Clear();
        if (!copy.StartsWith(Magic) || BinaryPrimitives.ReadUInt32LittleEndian(copy[ChecksumAt..]) != RecordChecksum.Compute(unsigned, 0))
        {
            return false;
        }

        FormatVersion.Check(BinaryPrimitives.ReadUInt32LittleEndian(copy[8..]), Version);
        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(copy[16..]), BinaryPrimitives.ReadInt64LittleEndian(copy[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(copy[32..]), BinaryPrimitives.ReadUInt32LittleEndian(copy[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(copy[44..]), BinaryPrimitives.ReadUInt64LittleEndian(copy[52..]), BinaryPrimitives.ReadUInt32LittleEndian(copy[60..]));
        return header.After >= 0;
    }
}
