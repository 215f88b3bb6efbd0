using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Spillway.Access;

/// <summary>Reads the origins that options list, and brings them into the form in which browsers say them (RFC 6454, section 6.2): then to be listed is to be equal.</summary>
internal static class OriginsReader
{
    private const string Key = $"{SpillwayOptions.Section}:Access:{nameof(AccessOptions.Origins)}";
    private const string Example = "write it like https://app.example.com, with its port where that is not the scheme's";

    // Of a host and port behind a scheme of an application's own, for example capacitor://localhost.
    private static readonly SearchValues<char> AuthorityCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._:[]");

    /// <summary>The list; what is wrong with it is told in <paramref name="faults"/> and left out.</summary>
    public static Origins Read(AccessOptions options, List<string> faults)
    {
        var named = new List<string>();
        for (var i = 0; i < options.Origins.Count; i++)
        {
            var text = options.Origins[i];
            if (text == Origins.Anyone)
            {
                continue;
            }

            if (TryNormalize(text, out var origin, out var fault))
            {
                named.Add(origin);
            }
            else
            {
                faults.Add($"{Key}:{i} is \"{text}\", which {fault}");
            }
        }

        var isAnyone = options.Origins.Contains(Origins.Anyone);
        if (isAnyone && options.Origins.Count > 1)
        {
            faults.Add($"{Key} has \"{Origins.Anyone}\", which is everybody, beside others; leave it alone there, or take it away.");
        }

        if (isAnyone && options.OriginCredentials == true)
        {
            faults.Add($"{SpillwayOptions.Section}:Access:{nameof(AccessOptions.OriginCredentials)} is true, but {Key} is \"{Origins.Anyone}\": every page in the world could use the cookie of whoever looks at it; name the origins, or set it to false.");
        }

        return new Origins(named, isAnyone, allowCredentials: !isAnyone && options.OriginCredentials != false, options.PreflightMaxAge);
    }

    /// <summary>Reads one; <paramref name="fault"/> is the rest of a sentence.</summary>
    public static bool TryNormalize(string text, [NotNullWhen(true)] out string? origin, out string fault)
    {
        origin = null;
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var (scheme, authority) = end > 0 ? (text[..end].ToLowerInvariant(), text[(end + 3)..]) : ("", "");
        fault = text == "null" || scheme == "file" ? "is what pages say that have no origin, whoever made them; it cannot be listed, so serve the page from somewhere."
            : !Uri.CheckSchemeName(scheme) || authority.Length == 0 ? $"is no origin; {Example}."
            : text.Contains('*', StringComparison.Ordinal) ? "has a wildcard; list each origin, or \"*\" alone for all."
            : authority.AsSpan().ContainsAny("/?#@\\") ? "has more than a scheme, a host and a port; leave the rest out, a \"/\" at the end, too."
            : "";
        if (fault.Length > 0)
        {
            return false;
        }

        origin = scheme is "http" or "https" ? OfWeb(scheme, text) : OfApplication(scheme, authority.ToLowerInvariant());
        fault = origin is null ? $"is no origin; {Example}." : "";
        return origin is not null;
    }

    private static string? OfWeb(string scheme, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return null;
        }

        var host = url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost.ToLowerInvariant(); // The former with its brackets, names as DNS has them.
        return url.IsDefaultPort ? $"{scheme}://{host}" : $"{scheme}://{host}:{url.Port}";
    }

    private static string? OfApplication(string scheme, string authority) => authority.AsSpan().ContainsAnyExcept(AuthorityCharacters) ? null : $"{scheme}://{authority}";
}
