using System.Globalization;

namespace Spillway.Mercure.Urls;

/// <summary>Addresses of IPv4 in every way that browsers read: one to four numbers, decimal, octal or hexadecimal.</summary>
internal static class Ipv4Address
{
    /// <summary>Whether a host can only be an address: its last label is a number.</summary>
    public static bool EndsInNumber(string host)
    {
        var labels = Labels(host);
        return labels.Length > 0 && labels[^1].Length > 0 && (labels[^1].All(char.IsAsciiDigit) || Number(labels[^1]) is not null);
    }

    /// <summary>Four decimal numbers; null where it is no address.</summary>
    public static string? Parse(string host)
    {
        var labels = Labels(host);
        var address = 0L;
        for (var i = 0; i < labels.Length; i++)
        {
            // The last number fills all bytes that are left.
            var last = i == labels.Length - 1;
            var bytes = last ? 5 - labels.Length : 1;
            if (labels.Length > 4 || labels[i].Length == 0 || Number(labels[i]) is not { } number || number >= 1L << (8 * bytes))
            {
                return null;
            }

            address = (address << (8 * bytes)) | number;
        }

        return $"{address >> 24}.{(address >> 16) & 255}.{(address >> 8) & 255}.{address & 255}";
    }

    // One full stop at the end is none.
    private static string[] Labels(string host) => (host.EndsWith('.') ? host[..^1] : host).Split('.');

    private static long? Number(string text)
    {
        var (digits, radix) = text switch
        {
            ['0', 'x' or 'X', ..] => (text[2..], 16),
            ['0', _, ..] => (text[1..], 8),
            _ => (text, 10),
        };
        digits = digits.TrimStart('0');
        if (!digits.All(radix == 16 ? char.IsAsciiHexDigit : char.IsAsciiDigit) || (radix == 8 && digits.AsSpan().IndexOfAny('8', '9') >= 0))
        {
            return null;
        }

        // More digits than 32 bits have in octal are too many for any address.
        return digits.Length > 11 ? long.MaxValue : digits.Aggregate(0L, (number, digit) => (number * radix) + int.Parse([digit], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
