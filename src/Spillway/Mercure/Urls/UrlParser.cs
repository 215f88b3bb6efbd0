using System.Diagnostics.CodeAnalysis;

namespace Spillway.Mercure.Urls;

/// <summary>Parses URLs as the WHATWG standard does, relative ones against a base. It takes what browsers take, and refuses what they refuse.</summary>
internal sealed class UrlParser
{
    private readonly string _scheme;
    private readonly string _main;
    private readonly string? _query;
    private readonly string? _fragment;

    // Nothing before a hash or a question mark depends on what follows it: query and fragment are cut off first.
    private UrlParser(string scheme, string rest)
    {
        _scheme = scheme;
        var hash = rest.IndexOf('#', StringComparison.Ordinal);
        (rest, _fragment) = hash < 0 ? (rest, null) : (rest[..hash], PercentSet.Fragment.Encode(rest[(hash + 1)..]));
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        var set = IsSpecial ? PercentSet.SpecialQuery : PercentSet.Query;
        (_main, _query) = mark < 0 ? (rest, null) : (rest[..mark], set.Encode(rest[(mark + 1)..]));
    }

    private bool IsSpecial => Schemes.IsSpecial(_scheme);

    /// <param name="text">A URL, or a reference that is resolved.</param>
    /// <param name="against">What a relative one is resolved against; null: there is nothing, it is refused.</param>
    /// <param name="url">The URL in its canonical form.</param>
    public static bool TryParse(string text, Url? against, [NotNullWhen(true)] out Url? url)
    {
        text = Clean(text);
        var colon = Schemes.End(text);
        if (colon >= 0)
        {
            var scheme = text[..colon].ToLowerInvariant();
            url = new UrlParser(scheme, text[(colon + 1)..]).Absolute(against?.Scheme == scheme ? against : null);
        }
        else
        {
            url = against is null ? null : new UrlParser(against.Scheme, text).Relative(against);
        }

        return url is not null;
    }

    /// <summary>Without tabs and line breaks, which the standard takes out wherever they stand.</summary>
    public static string WithoutBreaks(string text) =>
        text.AsSpan().IndexOfAny('\t', '\n', '\r') < 0 ? text : string.Concat(text.Where(static character => character is not ('\t' or '\n' or '\r')));

    /// <summary>The port as it is written in a URL; null where it is none. Empty where it goes without saying.</summary>
    public static string? Port(string text, string scheme)
    {
        if (text.Any(static character => !char.IsAsciiDigit(character)))
        {
            return null;
        }

        var digits = text.TrimStart('0');
        digits = digits.Length == 0 && text.Length > 0 ? "0" : digits;
        return digits.Length > 5 || (digits.Length == 5 && string.CompareOrdinal(digits, "65535") > 0) ? null : digits == Schemes.DefaultPort(scheme) ? "" : digits;
    }

    private static string Clean(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && text[start] <= ' ')
        {
            start++;
        }

        while (end > start && text[end - 1] <= ' ')
        {
            end--;
        }

        return WithoutBreaks(text[start..end]);
    }

    private Url? Absolute(Url? sameScheme)
    {
        if (_scheme == "file")
        {
            return File(sameScheme);
        }

        if (IsSpecial)
        {
            return sameScheme is not null && !_main.StartsWith("//", StringComparison.Ordinal) ? Relative(sameScheme) : Authority(_main.TrimStart('/', '\\'));
        }

        if (_main.StartsWith("//", StringComparison.Ordinal))
        {
            return Authority(_main[2..]);
        }

        return _main.StartsWith('/') ? Finish(new Url(_scheme) { Path = UrlPath.Start(_main, _scheme) }) : Opaque();
    }

    private Url Opaque()
    {
        var path = PercentSet.Control.Encode(_main);
        // A space at the end of the path would be lost when what follows is taken away.
        path = path.EndsWith(' ') && (_query is not null || _fragment is not null) ? path[..^1] + "%20" : path;
        return Finish(new Url(_scheme) { Path = path, HasOpaquePath = true });
    }

    private Url? Relative(Url against)
    {
        if (against.HasOpaquePath)
        {
            return _main.Length == 0 && _query is null && _fragment is not null ? against with { Fragment = _fragment } : null;
        }

        if (_scheme == "file")
        {
            return File(against);
        }

        if (_main.Length > 0 && IsSlash(_main[0]))
        {
            if (_main.Length > 1 && IsSlash(_main[1]))
            {
                return Authority(IsSpecial ? _main.TrimStart('/', '\\') : _main[2..]);
            }

            return Finish(against with { Path = Resolve([], _main[1..]) });
        }

        return Merge(against, []);
    }

    /// <summary>A path that has no leading slash: it takes the place of the last segment; an empty one leaves path and query.</summary>
    private Url Merge(Url against, List<string> segments)
    {
        if (_main.Length == 0)
        {
            return against with { Query = _query ?? against.Query, Fragment = _fragment };
        }

        if (_scheme != "file" || !UrlPath.BeginsWithDrive(_main))
        {
            segments.AddRange(against.Segments);
            UrlPath.Shorten(segments, _scheme == "file");
        }

        return Finish(against with { Path = Resolve(segments, _main) });
    }

    private Url? File(Url? against)
    {
        var empty = new Url(_scheme) { Host = "" };
        if (_main.Length == 0 || !IsSlash(_main[0]))
        {
            return against is null ? Finish(empty with { Path = Resolve([], _main) }) : Merge(against with { Username = "", Password = "", Port = "" }, []);
        }

        if (_main.Length > 1 && IsSlash(_main[1]))
        {
            return FileHost(empty, _main[2..]);
        }

        var segments = new List<string>();
        if (against is { Segments: [var drive, ..] } && UrlPath.IsDrive(drive) && !UrlPath.BeginsWithDrive(_main[1..]))
        {
            segments.Add(drive);
        }

        return Finish(empty with { Host = against?.Host ?? "", Path = Resolve(segments, _main[1..]) });
    }

    private Url? FileHost(Url empty, string text)
    {
        var end = text.AsSpan().IndexOfAny('/', '\\');
        end = end < 0 ? text.Length : end;
        if (UrlPath.IsDrive(text[..end]))
        {
            return Finish(empty with { Path = Resolve([], text) });
        }

        var host = end == 0 ? "" : UrlHost.Parse(text[..end], opaque: false);
        return host is null ? null : Finish(empty with { Host = host == "localhost" ? "" : host, Path = UrlPath.Start(text[end..], _scheme) });
    }

    private Url? Authority(string text)
    {
        var end = IsSpecial ? text.AsSpan().IndexOfAny('/', '\\') : text.IndexOf('/', StringComparison.Ordinal);
        var (authority, path) = end < 0 ? (text, "") : (text[..end], text[end..]);
        var at = authority.LastIndexOf('@');
        var place = authority[(at + 1)..];
        var colon = PortColon(place);
        var (name, digits) = colon < 0 ? (place, "") : (place[..colon], place[(colon + 1)..]);
        if (name.Length == 0 && (IsSpecial || at >= 0 || colon >= 0))
        {
            return null;
        }

        if (Port(digits, _scheme) is not { } port || UrlHost.Parse(name, opaque: !IsSpecial) is not { } host)
        {
            return null;
        }

        var user = at < 0 ? "" : authority[..at];
        var split = user.IndexOf(':', StringComparison.Ordinal);
        return Finish(new Url(_scheme)
        {
            Username = PercentSet.UserInformation.Encode(split < 0 ? user : user[..split]),
            Password = PercentSet.UserInformation.Encode(split < 0 ? "" : user[(split + 1)..]),
            Host = host,
            Port = port,
            Path = UrlPath.Start(path, _scheme),
        });
    }

    // A colon within brackets belongs to an address of IPv6.
    private static int PortColon(string place)
    {
        var inside = false;
        for (var i = 0; i < place.Length; i++)
        {
            if (place[i] == ':' && !inside)
            {
                return i;
            }

            inside = place[i] == '[' || (inside && place[i] != ']');
        }

        return -1;
    }

    private string Resolve(List<string> segments, string text)
    {
        UrlPath.Append(segments, text, _scheme);
        return UrlPath.Join(segments);
    }

    private bool IsSlash(char character) => character == '/' || (character == '\\' && IsSpecial);

    private Url Finish(Url url) => url with { Query = _query, Fragment = _fragment };
}
