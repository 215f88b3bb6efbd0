using System.Buffers.Binary;

namespace Spillway.History.Sealed;

/// <summary>A fast 64-bit hash of names that is the same in every process, for what is stored.</summary>
/// <remarks>Whoever knows the salt can make names collide: a filter then lets a look-up through that finds nothing, and a count of topics is off. Nothing else depends on it.</remarks>
internal static class StableHash
{
    private const ulong First = 0x9E37_79B9_7F4A_7C15;
    private const ulong Second = 0xC2B2_AE3D_27D4_EB4F;
    private const ulong Third = 0x1656_67B1_9E37_79F9;

    public static ulong Of(ReadOnlySpan<byte> name, ulong salt)
    {
        var hash = salt ^ First ^ (ulong)name.Length;
        for (; name.Length >= 8; name = name[8..])
        {
            hash = Fold(BinaryPrimitives.ReadUInt64LittleEndian(name) ^ Second, hash ^ Third);
        }

        var rest = 0UL;
        foreach (var value in name)
        {
            rest = (rest << 8) | value;
        }

        return Fold(Fold(rest ^ Second, hash ^ First) ^ Third, First); // Twice: the sketch takes all 64 bits for evenly spread.
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
