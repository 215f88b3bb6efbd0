using System.Globalization;
using System.Text;

namespace Spillway.Mercure.Urls;

/// <summary>Names of hosts in ASCII, as UTS 46 has them (not transitional, without the rules of DNS on lengths and hyphens).</summary>
internal static class DomainName
{
    private const string Prefix = "xn--";

    // A name of DNS has 253 characters at most, and Punycode takes time with the square of them.
    private const int MaxLetters = 256;

    /// <summary>The name in ASCII and lower case; null where there is none, or where none is certain.</summary>
    public static string? ToAscii(string domain)
    {
        if (Ascii.IsValid(domain) && !domain.Contains(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return domain.ToLowerInvariant();
        }

        if (domain.Length > MaxLetters)
        {
            return null;
        }

        // The full stops of other scripts end labels too.
        var labels = domain.Split('.', '\u3002', '\uFF0E', '\uFF61').Select(Letters).ToArray();
        if (labels.Contains(null) || (labels.Any(static label => label!.Any(IsRightToLeft)) && !labels.All(static label => IsOneWay(label!))))
        {
            return null;
        }

        return string.Join('.', labels.Select(static label => label!.All(static rune => rune.IsAscii) ? string.Concat(label!) : Prefix + Punycode.Encode(label!)));
    }

    private static Rune[]? Letters(string label)
    {
        if (!label.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return HostLetters.Map(label);
        }

        // What is written in ASCII already must stand for letters that are written so, and in no other way.
        var code = label[Prefix.Length..].ToLowerInvariant();
        return Ascii.IsValid(code) && Punycode.Decode(code) is { } decoded && HostLetters.Map(decoded) is { } letters && !Ascii.IsValid(decoded)
            && string.Concat(letters) == decoded && Punycode.Encode(letters) == code ? letters : null;
    }

    private static bool IsRightToLeft(Rune rune) => rune.Value is (>= 0x590 and <= 0x8FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF)
        or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF);

    /// <summary>Whether a label reads in one direction only, beginning with a letter: stricter than RFC 5893, which needs each character's class.</summary>
    private static bool IsOneWay(Rune[] label)
    {
        if (label.Length == 0)
        {
            return true;
        }

        var right = IsRightToLeft(label[0]);
        return Rune.IsLetter(label[0]) && label[^1].Value != '-' && label.All(rune => rune.IsAscii
            ? rune.Value == '-' || Rune.IsDigit(rune) || (!right && Rune.IsLetter(rune))
            : IsRightToLeft(rune) == right && Rune.GetUnicodeCategory(rune) is UnicodeCategory.OtherLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.NonSpacingMark);
    }
}
