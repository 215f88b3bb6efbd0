using System.Buffers;

namespace Spillway.Mercure.Urls;

/// <summary>Hosts: names, addresses, and text that only other schemes know.</summary>
internal static class UrlHost
{
    private const string Forbidden = "\0\t\n\r #/:<>?@[\\]^|";

    private static readonly SearchValues<char> InOpaque = SearchValues.Create(Forbidden);

    private static readonly SearchValues<char> InDomain = SearchValues.Create([.. Forbidden, '%', '\x7F', .. Enumerable.Range(0, 0x20).Select(static code => (char)code)]);

    /// <summary>The host in its canonical form; null where it is none.</summary>
    /// <param name="text">As it is written between user and port.</param>
    /// <param name="opaque">Of a scheme that is not special: then it is no name of DNS.</param>
    public static string? Parse(string text, bool opaque)
    {
        if (text.StartsWith('['))
        {
            return text.EndsWith(']') && Ipv6Address.Parse(text[1..^1]) is { } address ? $"[{address}]" : null;
        }

        if (opaque)
        {
            return text.AsSpan().ContainsAny(InOpaque) ? null : PercentSet.Control.Encode(text);
        }

        var name = DomainName.ToAscii(PercentSet.Decode(text));
        if (string.IsNullOrEmpty(name) || name.AsSpan().ContainsAny(InDomain))
        {
            return null;
        }

        return Ipv4Address.EndsInNumber(name) ? Ipv4Address.Parse(name) : name;
    }
}
