using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Spillway.History.Storage;

/// <summary>Makes the identity of a new history.</summary>
internal static class HistoryEpoch
{
    /// <summary>40 random bits, never 0: eight characters in a cursor, and two histories of one hub's life hardly ever share them.</summary>
    public static ulong Create()
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        do
        {
            RandomNumberGenerator.Fill(bytes[..5]);
        }
        while (BinaryPrimitives.ReadUInt64LittleEndian(bytes) == 0);

        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
