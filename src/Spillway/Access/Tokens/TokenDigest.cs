using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>The SHA-256 of a token, under which it is remembered: what is remembered cannot be presented.</summary>
internal readonly record struct TokenDigest(UInt128 First, UInt128 Second)
{
    public static TokenDigest Of(ReadOnlySpan<byte> token)
    {
        Span<UInt128> hash = stackalloc UInt128[2];
        SHA256.HashData(token, MemoryMarshal.AsBytes(hash));
        return new TokenDigest(hash[0], hash[1]);
    }
}
