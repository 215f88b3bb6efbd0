using System.Buffers.Binary;
using Spillway.History.Storage;

namespace Spillway.History.Sealed;

/// <summary>Where the pieces of one part of a sidecar end, and their checksums: so a piece can be read and checked alone.</summary>
/// <remarks>For each piece: u32 its end in the part, u32 the CRC-32C of its bytes, begun with its number.</remarks>
internal sealed class SidecarDirectory(byte[] bytes)
{
    public const int EntryLength = 8;

    public int Count => bytes.Length / EntryLength;

    /// <summary>Makes the directory of a part whose pieces end where it is said.</summary>
    public static byte[] Make(ReadOnlySpan<byte> part, List<int> ends)
    {
        var bytes = new byte[ends.Count * EntryLength];
        for (var (number, start) = (0, 0); number < ends.Count; start = ends[number++])
        {
            var entry = bytes.AsSpan(number * EntryLength);
            BinaryPrimitives.WriteInt32LittleEndian(entry, ends[number]);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], RecordChecksum.Compute(part[start..ends[number]], (uint)number));
        }

        return bytes;
    }

    public int StartOf(int number) => number == 0 ? 0 : EndOf(number - 1);

    public int EndOf(int number) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(number * EntryLength));

    /// <summary>Checks a piece.</summary>
    /// <exception cref="InvalidDataException">It fails its checksum.</exception>
    public ReadOnlySpan<byte> Check(int number, ReadOnlySpan<byte> piece) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((number * EntryLength) + 4)) == RecordChecksum.Compute(piece, (uint)number)
            ? piece
            : throw new InvalidDataException("A piece of a sidecar of the history fails its checksum.");

    /// <summary>Reads a piece of a part that begins at <paramref name="partAt"/>, and checks it.</summary>
    public byte[] Read(IDiskFile file, long partAt, int number)
    {
        var piece = GC.AllocateUninitializedArray<byte>(EndOf(number) - StartOf(number));
        if (file.Read(partAt + StartOf(number), piece) < piece.Length)
        {
            throw SidecarScan.Damaged();
        }

        Check(number, piece);
        return piece;
    }
}
