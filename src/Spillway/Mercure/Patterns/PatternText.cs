using Spillway.Mercure.Urls;

namespace Spillway.Mercure.Patterns;

/// <summary>The patterns of the components as they are written; null: not written.</summary>
internal sealed record PatternText
{
    public string? Protocol { get; set; }

    public string? Username { get; set; }

    public string? Password { get; set; }

    public string? Hostname { get; set; }

    public string? Port { get; set; }

    public string? Pathname { get; set; }

    public string? Search { get; set; }

    public string? Hash { get; set; }

    /// <summary>Fills in what is not written: from the URL of the hub what is less specific than all that is written, for the rest a wildcard.</summary>
    public PatternText Complete(Url hub)
    {
        var place = Protocol is null && Hostname is null;
        var path = place && Port is null;
        var search = path && Pathname is null;
        var hash = search && Search is null;
        var protocol = Protocol is null ? Escape(hub.Scheme) : Protocol.EndsWith(':') ? Protocol[..^1] : Protocol;
        var port = Port ?? (path ? hub.Port : "*");
        return this with
        {
            Protocol = protocol,
            Username = Username ?? "*",
            Password = Password ?? "*",
            Hostname = Hostname ?? (place ? Escape(hub.Host ?? "") : "*"),
            Port = port.Length > 0 && port == Schemes.DefaultPort(protocol) ? "" : port,
            Pathname = Pathname is not null ? Resolve(Pathname, hub) : search ? Escape(hub.Path) : "*",
            Search = WithoutMark(Search, '?') ?? (hash ? Escape(hub.Query ?? "") : "*"),
            Hash = WithoutMark(Hash, '#') ?? (hash ? Escape(hub.Fragment ?? "") : "*"),
        };
    }

    // The mark that begins a component may be written twice.
    private static string? WithoutMark(string? text, char mark) => text?.StartsWith(mark) is true ? text[1..] : text;

    private static string Resolve(string path, Url hub) =>
        path is ['/', ..] or ['\\' or '{', '/', ..] ? path : Escape(hub.Path[..(hub.Path.LastIndexOf('/') + 1)]) + path;

    private static string Escape(string text) =>
        string.Concat(text.Select(static character => "+*?:{}()\\".Contains(character, StringComparison.Ordinal) ? $"\\{character}" : character.ToString()));
}
