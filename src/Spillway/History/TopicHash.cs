using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Spillway.Events;

namespace Spillway.History;

/// <summary>A fast 64-bit hash of names, with a secret of this process: a publisher who picks the names cannot make them collide.</summary>
/// <remarks>Good for tables in memory only: the values differ in every process and are never stored.</remarks>
internal static class TopicHash
{
    private static readonly ulong[] Secret = CreateSecret();

    public static ulong Of(ReadOnlySpan<byte> name)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(name);
        var hash = Secret[0] ^ (ulong)name.Length;
        foreach (var word in words)
        {
            hash = Fold(word ^ Secret[1], hash ^ Secret[2]);
        }

        var rest = 0UL;
        foreach (var value in name[(words.Length * 8)..])
        {
            rest = (rest << 8) | value;
        }

        return Fold(rest ^ Secret[1], hash ^ Secret[3]);
    }

    /// <summary>The hash of a key within a topic. A missing key is a key of its own.</summary>
    public static ulong Of(ulong topic, ReadOnlySpan<byte> key) => Fold(Of(key) ^ Secret[3], BitOperations.RotateLeft(topic, 32) ^ Secret[0]);

    /// <summary>The hash of what one event has in common with those that it supersedes: canonical topic, key, and whether it is private.</summary>
    /// <param name="topic">The hash of the topic.</param>
    public static ulong Of(ulong topic, in EventRecord record)
    {
        var key = Of(topic, record.Key);
        return (record.Flags & EventFlags.Private) == 0 ? key : ~key;
    }

    private static ulong Fold(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }

    private static ulong[] CreateSecret()
    {
        var secret = new ulong[4];
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(secret.AsSpan()));
        return secret;
    }
}
