using System.Buffers;
using System.Text;

namespace Spillway.Mercure.Urls;

/// <summary>The bytes that are written as a percent sign and two digits within a component, and how.</summary>
internal sealed class PercentSet
{
    private const string Digits = "0123456789ABCDEF";

    private readonly SearchValues<char> _kept;
    private readonly bool[] _encoded = new bool[128];

    // Control characters, and what is not ASCII, are encoded in every set.
    private PercentSet(string encoded)
    {
        foreach (var character in encoded)
        {
            _encoded[character] = true;
        }

        _kept = SearchValues.Create([.. Enumerable.Range(0x20, 0x7F - 0x20).Select(static code => (char)code).Where(character => !_encoded[character])]);
    }

    public static PercentSet Control { get; } = new("");

    public static PercentSet Fragment { get; } = new(" \"<>`");

    public static PercentSet Query { get; } = new(" \"#<>");

    /// <summary>For the query of a special scheme.</summary>
    public static PercentSet SpecialQuery { get; } = new(" \"#<>'");

    public static PercentSet Path { get; } = new(" \"#<>?^`{}");

    public static PercentSet UserInformation { get; } = new(" \"#<>?^`{}/:;=@[\\]|");

    /// <summary>The text with what belongs to the set encoded; what is encoded already stays as it is.</summary>
    public string Encode(string text)
    {
        var first = text.AsSpan().IndexOfAnyExcept(_kept);
        if (first < 0)
        {
            return text;
        }

        var encoded = new StringBuilder(text, 0, first, text.Length * 3);
        foreach (var value in Encoding.UTF8.GetBytes(text[first..]))
        {
            if (value is >= 0x20 and < 0x7F && !_encoded[value])
            {
                encoded.Append((char)value);
            }
            else
            {
                encoded.Append('%').Append(Digits[value >> 4]).Append(Digits[value & 15]);
            }
        }

        return encoded.ToString();
    }

    /// <summary>The text that is encoded; what is no UTF-8 in it becomes U+FFFD.</summary>
    public static string Decode(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var escaped = bytes[i] == '%' && i + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[i + 1]) && char.IsAsciiHexDigit((char)bytes[i + 2]);
            bytes[length++] = escaped ? Convert.FromHexString([(char)bytes[i + 1], (char)bytes[i + 2]])[0] : bytes[i];
            i += escaped ? 2 : 0;
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
