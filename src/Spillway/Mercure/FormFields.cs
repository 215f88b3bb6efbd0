using System.Text;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Reads <c>application/x-www-form-urlencoded</c> as the WHATWG URL standard has it, section 5.1, but for text that is not UTF-8, which is told and not replaced.</summary>
/// <param name="rest">What is not read yet.</param>
internal ref struct FormFields(ReadOnlySpan<byte> rest)
{
    private const string MediaType = "application/x-www-form-urlencoded";

    private ReadOnlySpan<byte> _rest = rest;

    /// <summary>The name of the field read last; null: it is not valid UTF-8.</summary>
    public string? Name { get; private set; }

    /// <summary>Its value, decoded. Whether that is text is not looked at.</summary>
    public byte[] Value { get; private set; } = [];

    /// <summary>The value as text; null: it is not valid UTF-8.</summary>
    public readonly string? Text => Utf8.IsValid(Value) ? Encoding.UTF8.GetString(Value) : null;

    /// <summary>A problem if the body of a request is something else.</summary>
    public static Problem? FindTypeFault(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
            && (!type.Charset.HasValue || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)) ? null
            : Problem.UnsupportedMediaType("Content-Type", request.ContentType, $"{MediaType}, in UTF-8");

    /// <summary>Reads the next field. False: there is none.</summary>
    public bool Read()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf((byte)'&');
            var pair = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            var equals = pair.IndexOf((byte)'=');
            var name = Decode(equals < 0 ? pair : pair[..equals]);
            Name = Utf8.IsValid(name) ? Encoding.UTF8.GetString(name) : null;
            Value = equals < 0 ? [] : Decode(pair[(equals + 1)..]);
            return true;
        }

        return false;
    }

    private static byte[] Decode(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IndexOfAny((byte)'%', (byte)'+') < 0)
        {
            return encoded.ToArray();
        }

        var decoded = new byte[encoded.Length];
        var length = 0;
        for (var i = 0; i < encoded.Length; i++)
        {
            decoded[length++] = encoded[i] switch
            {
                (byte)'+' => (byte)' ',
                (byte)'%' when i + 2 < encoded.Length && Digit(encoded[i + 1]) is var high and >= 0 && Digit(encoded[i + 2]) is var low and >= 0 => Escaped(high, low, ref i),
                var other => other,
            };
        }

        return decoded[..length];
    }

    private static byte Escaped(int high, int low, ref int at)
    {
        at += 2;
        return (byte)((high << 4) | low);
    }

    private static int Digit(byte character) => character switch
    {
        >= (byte)'0' and <= (byte)'9' => character - '0',
        >= (byte)'a' and <= (byte)'f' => character - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => character - 'A' + 10,
        _ => -1,
    };
}
