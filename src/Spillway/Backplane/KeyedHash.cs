using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Spillway.Backplane;

/// <summary>
/// Hashes a row of fields to 128 bits. Keyed with secrets of this process, so that no publisher can look for two ids with one hash; without the secrets leaving
/// the process, multiplying and folding is enough, at a tenth of the price of SHA-256.
/// </summary>
internal struct KeyedHash
{
    private static readonly ulong[] Secrets = NewSecrets();

    private ulong _low = Secrets[0];
    private ulong _high = Secrets[1];

    public KeyedHash()
    {
    }

    /// <summary>Adds one field. Its length counts: ("a", "bc") and ("ab", "c") differ.</summary>
    public void Add(ReadOnlySpan<byte> field)
    {
        Mix((ulong)field.Length, Secrets[2]);
        while (field.Length >= 16)
        {
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(field), BinaryPrimitives.ReadUInt64LittleEndian(field[8..]));
            field = field[16..];
        }

        if (!field.IsEmpty)
        {
            Span<byte> last = stackalloc byte[16];
            last.Clear();
            field.CopyTo(last);
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(last), BinaryPrimitives.ReadUInt64LittleEndian(last[8..]));
        }
    }

    public UInt128 Finish()
    {
        Mix(Secrets[3], Secrets[4]);
        return new UInt128(_high, _low);
    }

    private void Mix(ulong first, ulong second)
    {
        var low = Fold(_low ^ first ^ Secrets[5], second ^ Secrets[6]);
        _high = Fold(_high ^ second ^ Secrets[7], first ^ Secrets[3]) ^ _low;
        _low = low;
    }

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }

    private static ulong[] NewSecrets()
    {
        var secrets = new ulong[8];
        RandomNumberGenerator.Fill(System.Runtime.InteropServices.MemoryMarshal.AsBytes(secrets.AsSpan()));
        return secrets;
    }
}
