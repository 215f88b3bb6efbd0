using System.Buffers.Binary;

namespace Spillway.Tests.History.Format;

/// <summary>Reads what stands in a file of the history, from its beginning to its end.</summary>
internal sealed class Bytes(byte[] bytes, int from, int to)
{
    private readonly int _from = from;

    public int At { get; private set; } = from;

    public bool IsAtEnd => At == to;

    /// <summary>Where it is, counted from where it began.</summary>
    public int Position => At - _from;

    public byte U8() => Take(1)[0];

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public long I64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public byte[] Raw(int length) => Take(length).ToArray();

    /// <summary>DWARF 4, section 7.6, unsigned.</summary>
    public ulong Leb128()
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = U8();
            value |= (ulong)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                return value;
            }
        }
    }

    /// <summary>CRC-32C, bit by bit, of a stretch of which four bytes may count as 0.</summary>
    /// <param name="begun">The checksum of what was before; 0: nothing was.</param>
    public static uint Checksum(ReadOnlySpan<byte> bytes, uint begun = 0, int zeroAt = -1)
    {
        var crc = ~begun;
        for (var i = 0; i < bytes.Length; i++)
        {
            crc ^= zeroAt >= 0 && i >= zeroAt && i < zeroAt + 4 ? (byte)0 : bytes[i];
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1; // The Castagnoli polynomial, its bits reversed.
            }
        }

        return ~crc;
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        Assert.True(length >= 0 && At + length <= to, $"{length} bytes at {At} do not fit before {to}.");
        At += length;
        return bytes.AsSpan(At - length, length);
    }
}
