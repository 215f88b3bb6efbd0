using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Spillway.Access.Tokens;

/// <summary>
/// Base64url as RFC 7515 has it, in its one canonical spelling: no padding, no white space, the unused bits of the last character zero. With two spellings of one
/// signature, a token could be changed and go on being good.
/// </summary>
internal static class Base64UrlText
{
    private static ReadOnlySpan<byte> Alphabet => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8;

    private static readonly SearchValues<byte> Characters = SearchValues.Create(Alphabet);

    public static bool TryDecode(ReadOnlySpan<byte> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.ContainsAnyExcept(Characters) || text.Length % 4 == 1)
        {
            return false;
        }

        // One byte takes 8 of 12 bits, two take 16 of 18.
        var unused = (text.Length % 4) switch { 2 => 0b1111, 3 => 0b11, _ => 0 };
        if (unused != 0 && (Alphabet.IndexOf(text[^1]) & unused) != 0)
        {
            return false;
        }

        bytes = new byte[text.Length * 3L / 4];
        return Base64Url.TryDecodeFromUtf8(text, bytes, out var written) && written == bytes.Length;
    }

    /// <summary>Decodes a value of JSON.</summary>
    public static bool TryDecode(string? text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        return text is not null && Ascii.IsValid(text) && TryDecode(Encoding.ASCII.GetBytes(text), out bytes);
    }

    public static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
