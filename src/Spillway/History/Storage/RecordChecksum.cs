using System.Buffers.Binary;
using System.Numerics;
using Spillway.Events;

namespace Spillway.History.Storage;

/// <summary>The CRC-32C in bytes 4 to 8 of a record: of its bytes from 8 on, begun with the seed of its segment.</summary>
/// <remarks>The seed is random: bytes of another segment, or a record that somebody published as a payload, never pass for a record of this one.</remarks>
internal static class RecordChecksum
{
    private const int At = 4;
    private const int From = 8;

    /// <summary>Fills the checksum of each of several whole records in.</summary>
    public static void Stamp(Span<byte> records, uint seed)
    {
        while (!records.IsEmpty)
        {
            var record = records[..EventRecord.LengthAt(records)];
            BinaryPrimitives.WriteUInt32LittleEndian(record[At..], Compute(record[From..], seed));
            records = records[record.Length..];
        }
    }

    public static bool Passes(ReadOnlySpan<byte> record, uint seed) =>
        BinaryPrimitives.ReadUInt32LittleEndian(record[At..]) == Compute(record[From..], seed);

    public static uint Compute(ReadOnlySpan<byte> bytes, uint seed)
    {
        var crc = ~seed;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
