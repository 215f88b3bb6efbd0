using System.Text;

namespace Spillway.Mercure.Urls;

/// <summary>A URL as the WHATWG standard has it: every component in its canonical form, which is ASCII. Immutable; any thread.</summary>
/// <param name="Scheme">Without its colon, in lower case.</param>
internal sealed record Url(string Scheme)
{
    /// <summary>Empty where there is none.</summary>
    public string Username { get; init; } = "";

    /// <summary>Empty where there is none.</summary>
    public string Password { get; init; } = "";

    /// <summary>The host, that of IPv6 in its brackets; null where the URL has no authority.</summary>
    public string? Host { get; init; }

    /// <summary>The port in digits; empty where it is that of the scheme, or none.</summary>
    public string Port { get; init; } = "";

    /// <summary>The path, with its leading slash where it has segments.</summary>
    public string Path { get; init; } = "";

    /// <summary>Whether the path is text without segments, as that of <c>urn:isbn:0451450523</c>.</summary>
    public bool HasOpaquePath { get; init; }

    /// <summary>What stands behind the question mark; null where there is none.</summary>
    public string? Query { get; init; }

    /// <summary>What stands behind the hash; null where there is none.</summary>
    public string? Fragment { get; init; }

    /// <summary>The segments of a path that is not opaque.</summary>
    public IReadOnlyList<string> Segments => Path.Length == 0 ? [] : Path[1..].Split('/');

    /// <summary>The URL as text.</summary>
    /// <param name="credentials">Whether the name and password of a user belong to it.</param>
    public string ToText(bool credentials = true)
    {
        var text = new StringBuilder(Scheme).Append(':');
        if (Host is not null)
        {
            text.Append("//");
            if (credentials && (Username.Length > 0 || Password.Length > 0))
            {
                text.Append(Username).Append(Password.Length > 0 ? ":" : "").Append(Password).Append('@');
            }

            text.Append(Host).Append(Port.Length > 0 ? ":" : "").Append(Port);
        }
        else if (Path.StartsWith("//", StringComparison.Ordinal) && !HasOpaquePath)
        {
            text.Append("/."); // Else the first segment would be read as a host.
        }

        text.Append(Path);
        if (Query is not null)
        {
            text.Append('?').Append(Query);
        }

        return Fragment is null ? text.ToString() : text.Append('#').Append(Fragment).ToString();
    }

    public override string ToString() => ToText();
}
