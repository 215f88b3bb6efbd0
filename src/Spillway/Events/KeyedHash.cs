using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Spillway.Events;

/// <summary>
/// Hashes a row of fields to 128 bits. Keyed with secrets of this process, so that no publisher can look for two ids with one hash; without the secrets leaving
/// the process, multiplying and folding is enough, at a tenth of the price of SHA-256.
/// </summary>
internal struct KeyedHash
{
    // Fields of their own: the compiler turns each into a constant, which of an array's elements it cannot.
    private static readonly ulong Secret0 = NewSecret();
    private static readonly ulong Secret1 = NewSecret();
    private static readonly ulong Secret2 = NewSecret();
    private static readonly ulong Secret3 = NewSecret();
    private static readonly ulong Secret4 = NewSecret();
    private static readonly ulong Secret5 = NewSecret();

    private ulong _low = Secret0;
    private ulong _high = Secret1;

    public KeyedHash()
    {
    }

    /// <summary>Adds one field. Its length counts: ("a", "bc") and ("ab", "c") differ.</summary>
    public void Add(ReadOnlySpan<byte> field)
    {
        var length = (ulong)field.Length;
        while (field.Length > 16)
        {
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(field), BinaryPrimitives.ReadUInt64LittleEndian(field[8..]));
            field = field[16..];
        }

        // The rest in two words that may overlap; which bytes they are follows from the length, mixed in with them.
        var (first, second) = (0ul, 0ul);
        if (field.Length >= 8)
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(field);
            second = BinaryPrimitives.ReadUInt64LittleEndian(field[^8..]);
        }
        else if (field.Length >= 4)
        {
            first = BinaryPrimitives.ReadUInt32LittleEndian(field);
            second = BinaryPrimitives.ReadUInt32LittleEndian(field[^4..]);
        }
        else if (field.Length > 0)
        {
            first = field[0] | ((ulong)field[field.Length / 2] << 8) | ((ulong)field[^1] << 16);
        }

        Mix(first, second);
        Mix(length, Secret2);
    }

    /// <summary>Adds one number.</summary>
    public void Add(long number) => Mix((ulong)number, Secret3);

    public UInt128 Finish()
    {
        Mix(Secret3, Secret4);
        return new UInt128(_high, _low);
    }

    private void Mix(ulong first, ulong second)
    {
        var low = Fold(_low ^ first ^ Secret5, second ^ Secret0);
        _high = Fold(_high ^ second ^ Secret1, first ^ Secret4) ^ _low;
        _low = low;
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong NewSecret() => BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));
}
