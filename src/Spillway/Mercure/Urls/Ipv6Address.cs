using System.Globalization;

namespace Spillway.Mercure.Urls;

/// <summary>Addresses of IPv6, read and written as URLs have them: without zones, in the shortest form.</summary>
internal static class Ipv6Address
{
    private const int Pieces = 8;

    /// <summary>The address without brackets in its shortest form; null where it is none.</summary>
    public static string? Parse(string text)
    {
        var gap = text.IndexOf("::", StringComparison.Ordinal);
        if (gap >= 0)
        {
            var (before, after) = (ReadSide(text[..gap], mayEndInIpv4: false), ReadSide(text[(gap + 2)..], mayEndInIpv4: true));
            return before is null || after is null || before.Count + after.Count >= Pieces
                ? null
                : Write([.. before, .. new int[Pieces - before.Count - after.Count], .. after]);
        }

        return text.Length > 0 && ReadSide(text, mayEndInIpv4: true) is { Count: Pieces } pieces ? Write([.. pieces]) : null;
    }

    /// <summary>The numbers on one side of the gap, or all of them.</summary>
    private static List<int>? ReadSide(string text, bool mayEndInIpv4)
    {
        var pieces = new List<int>();
        if (text.Length == 0)
        {
            return pieces;
        }

        var parts = text.Split(':');
        for (var i = 0; i < parts.Length; i++)
        {
            if (mayEndInIpv4 && i == parts.Length - 1 && parts[i].Contains('.', StringComparison.Ordinal))
            {
                if (ReadIpv4(parts[i]) is not { } address)
                {
                    return null;
                }

                pieces.Add(address >> 16 & 0xFFFF);
                pieces.Add(address & 0xFFFF);
            }
            else if (parts[i].Length is > 0 and <= 4 && parts[i].All(char.IsAsciiHexDigit))
            {
                pieces.Add(int.Parse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
            }
            else
            {
                return null;
            }
        }

        return pieces.Count > Pieces ? null : pieces;
    }

    // Here an address of IPv4 is four decimal numbers without leading zeros, and nothing else.
    private static int? ReadIpv4(string text)
    {
        var parts = text.Split('.');
        var address = 0;
        foreach (var part in parts)
        {
            if (parts.Length != 4 || part.Length is 0 or > 3 || !part.All(char.IsAsciiDigit) || (part.Length > 1 && part[0] == '0'))
            {
                return null;
            }

            var number = int.Parse(part, CultureInfo.InvariantCulture);
            if (number > 255)
            {
                return null;
            }

            address = (address << 8) | number;
        }

        return address;
    }

    // The first longest run of two or more zeros is left out.
    private static string Write(int[] pieces)
    {
        var (start, length) = (-1, 1);
        for (var i = 0; i < Pieces; i++)
        {
            var end = i;
            while (end < Pieces && pieces[end] == 0)
            {
                end++;
            }

            (start, length) = end - i > length ? (i, end - i) : (start, length);
        }

        return start < 0 ? Text(pieces) : $"{Text(pieces[..start])}::{Text(pieces[(start + length)..])}";
    }

    private static string Text(int[] pieces) => string.Join(':', pieces.Select(static piece => piece.ToString("x", CultureInfo.InvariantCulture)));
}
