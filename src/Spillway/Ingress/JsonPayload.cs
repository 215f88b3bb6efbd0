using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Spillway.Ingress;

/// <summary>What a string in JSON stands for, in bytes.</summary>
internal static class JsonPayload
{
    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n"u8);

    /// <summary>The text of a string literal, quotes and all, that holds escapes.</summary>
    /// <exception cref="InvalidOperationException">It holds an escaped lone surrogate, which no UTF-8 can say.</exception>
    public static ReadOnlyMemory<byte> Unescape(ReadOnlySpan<byte> literal)
    {
        var reader = new Utf8JsonReader(literal);
        reader.Read();
        var text = new byte[literal.Length];
        return text.AsMemory(0, reader.CopyString(text));
    }

    public static bool TryDecodeBase64(ReadOnlySpan<byte> text, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        if (text.ContainsAny(WhiteSpace))
        {
            return false; // The decoder would pass over it.
        }

        var bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        if (Base64.DecodeFromUtf8(text, bytes, out _, out var length) != OperationStatus.Done)
        {
            return false;
        }

        payload = bytes.AsMemory(0, length);
        return true;
    }
}
