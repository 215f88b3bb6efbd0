using System.Globalization;
using System.Security.Cryptography;

namespace Spillway.Delivery;

/// <summary>What names a connection outside: <c>c-</c> and 16 hexadecimal digits. Random, but for the lowest bits, which say whose it is, so that nobody else need be asked.</summary>
internal static class ConnectionId
{
    /// <summary>How many loops an id can tell apart.</summary>
    public const int MaxLoops = 64;

    private const string Prefix = "c-";

    /// <summary>An id that nobody has.</summary>
    public static ulong Next(int loop)
    {
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        return (BitConverter.ToUInt64(random) & ~(ulong)(MaxLoops - 1)) | (uint)loop;
    }

    /// <summary>The index of the loop that has, or had, the connection.</summary>
    public static int LoopOf(ulong id) => (int)(id & (MaxLoops - 1));

    public static string Format(ulong id) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{id:x16}");

    public static bool TryParse(ReadOnlySpan<char> text, out ulong id)
    {
        id = 0;
        return text.Length == Prefix.Length + 16 && text.StartsWith(Prefix, StringComparison.Ordinal)
            && !text.ContainsAnyInRange('A', 'F') && ulong.TryParse(text[Prefix.Length..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id);
    }
}
