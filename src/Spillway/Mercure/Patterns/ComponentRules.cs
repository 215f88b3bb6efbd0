using Spillway.Mercure.Urls;

namespace Spillway.Mercure.Patterns;

/// <summary>How the pattern of one component is read.</summary>
/// <param name="Name">Of the component, for messages.</param>
/// <param name="Delimiter">Where <c>:name</c> ends; null: nowhere.</param>
/// <param name="Prefix">The character that belongs to the group behind it, and comes and goes with it; null: none.</param>
/// <param name="Encode">The form of fixed text.</param>
internal sealed record ComponentRules(string Name, char? Delimiter, char? Prefix, ComponentEncoding Encode)
{
    public static ComponentRules Protocol { get; } = new("protocol", null, null, EncodeProtocol);

    public static ComponentRules Username { get; } = new("username", null, null, EncodeCredential);

    public static ComponentRules Password { get; } = new("password", null, null, EncodeCredential);

    public static ComponentRules Hostname { get; } = new("hostname", '.', null, EncodeHostname);

    /// <summary>Of a host that begins with a bracket: its pieces are no addresses of their own.</summary>
    public static ComponentRules Ipv6Hostname { get; } = new("hostname", '.', null, EncodeIpv6Hostname);

    public static ComponentRules Port { get; } = new("port", null, null, EncodePort);

    public static ComponentRules Pathname { get; } = new("pathname", '/', '/', EncodePathname);

    /// <summary>Of schemes whose paths need not have segments.</summary>
    public static ComponentRules OpaquePathname { get; } = new("pathname", null, null, EncodeOpaquePathname);

    public static ComponentRules Search { get; } = new("search", null, null, EncodeSearch);

    public static ComponentRules Hash { get; } = new("hash", null, null, EncodeHash);

    private static bool EncodeProtocol(string text, out string encoded)
    {
        encoded = text.ToLowerInvariant();
        return text.Length == 0 || Schemes.End(text + ":") == text.Length;
    }

    private static bool EncodeCredential(string text, out string encoded)
    {
        encoded = PercentSet.UserInformation.Encode(text);
        return true;
    }

    private static bool EncodeHostname(string text, out string encoded)
    {
        var host = text.Length == 0 ? "" : text[0] == '[' ? null : UrlHost.Parse(text, opaque: false);
        encoded = host ?? "";
        return host is not null;
    }

    private static bool EncodeIpv6Hostname(string text, out string encoded)
    {
        encoded = text.ToLowerInvariant();
        return text.All(static character => char.IsAsciiHexDigit(character) || character is '[' or ']' or ':');
    }

    private static bool EncodePort(string text, out string encoded)
    {
        encoded = UrlParser.Port(text, "") ?? "";
        return encoded.Length > 0 || text.Length == 0;
    }

    private static bool EncodePathname(string text, out string encoded)
    {
        text = UrlParser.WithoutBreaks(text);
        if (text.Length == 0 || text[0] == '/')
        {
            encoded = text.Length == 0 ? "" : UrlPath.Start(text, "https");
            return true;
        }

        // A piece from the middle of a path: a leading slash is lent to it, with a letter so that dots behind it are no segment.
        encoded = UrlPath.Start("/-" + text, "https");
        encoded = encoded.Length < 2 ? "" : encoded[2..];
        return true;
    }

    private static bool EncodeOpaquePathname(string text, out string encoded)
    {
        text = UrlParser.WithoutBreaks(text);
        var end = text.AsSpan().IndexOfAny('?', '#');
        encoded = PercentSet.Control.Encode(end < 0 ? text : text[..end]);
        encoded = end > 0 && encoded.EndsWith(' ') ? encoded[..^1] + "%20" : encoded;
        return true;
    }

    private static bool EncodeSearch(string text, out string encoded)
    {
        encoded = PercentSet.SpecialQuery.Encode(UrlParser.WithoutBreaks(text));
        return true;
    }

    private static bool EncodeHash(string text, out string encoded)
    {
        encoded = PercentSet.Fragment.Encode(UrlParser.WithoutBreaks(text));
        return true;
    }
}
