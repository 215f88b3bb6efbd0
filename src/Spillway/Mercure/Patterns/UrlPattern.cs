using System.Diagnostics.CodeAnalysis;
using System.Text;
using Spillway.Events;
using Spillway.Mercure.Urls;

namespace Spillway.Mercure.Patterns;

/// <summary>
/// A URL pattern of WHATWG, matched against topics as URLs. Both are resolved against the URL of the hub; a topic that is no URL matches none.
/// </summary>
internal sealed class UrlPattern : TopicMatcher
{
    /// <summary>The most groups of a pattern: each is a place where matching has to try.</summary>
    public const int MaxGroups = 32;

    /// <summary>The most characters of a pattern where nothing else is said.</summary>
    public const int DefaultMaxLength = 2048;

    private readonly UrlForm _form;
    private readonly Parts _parts;

    private UrlPattern(string text, UrlForm form, Parts parts)
        : base(text, $"\u0001u{form.Id}{text}", Encoding.UTF8.GetBytes(PrefixOf(parts)))
    {
        _form = form;
        _parts = parts;
    }

    public override TopicForm Form => _form;

    /// <summary>How many of its components need an expression.</summary>
    public int Expressions => _parts.Expressions;

    /// <param name="text">The pattern as a constructor string; a relative one is resolved.</param>
    /// <param name="form">The hub's, to whose URL patterns and topics are relative.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the pattern.</param>
    /// <param name="maxLength">The most characters it may have.</param>
    /// <param name="expressions">Where expressions come from; null: there may be any number.</param>
    public static bool TryParse(
        string text, UrlForm form, [NotNullWhen(true)] out UrlPattern? pattern, out string fault, int maxLength = DefaultMaxLength, SharedExpressions? expressions = null)
    {
        pattern = null;
        if (text.Length > maxLength)
        {
            fault = $"has {text.Length} characters; the limit is {maxLength}";
            return false;
        }

        if (!PatternSplitter.TrySplit(text, out var written, out fault) || !Parts.TryParse(written.Complete(form.Hub), expressions, out var parts, out fault))
        {
            return false;
        }

        pattern = new UrlPattern(text, form, parts);
        return true;
    }

    public override bool Matches(ReadOnlySpan<byte> topic) => _form.Resolve(topic) is { } url && _parts.Match(url);

    /// <summary>What the text of every URL begins with that matches; a user is not part of it.</summary>
    private static string PrefixOf(Parts parts)
    {
        if (parts.Protocol.Literal is not { } scheme)
        {
            return "";
        }

        if (parts.Hostname.Literal is not { } host || parts.Port.Literal is not { } port)
        {
            return Schemes.IsSpecial(scheme) ? $"{scheme}://" : $"{scheme}:";
        }

        if (host.Length > 0 || scheme == "file")
        {
            return $"{scheme}://{host}{(port.Length > 0 ? ":" : "")}{port}{parts.Pathname.Prefix}";
        }

        // Without a host there may be none, or an empty one, which are written in two ways; a path without a slash has none.
        return parts.Pathname.Prefix.Length > 0 && parts.Pathname.Prefix[0] != '/' ? $"{scheme}:{parts.Pathname.Prefix}" : $"{scheme}:";
    }

    /// <summary>The components, the telling ones first.</summary>
    private sealed record Parts(
        Component Pathname, Component Hostname, Component Protocol, Component Port, Component Search, Component Hash, Component Username, Component Password)
    {
        public int Expressions => new[] { Pathname, Hostname, Protocol, Port, Search, Hash, Username, Password }.Count(static part => part.IsSearched);

        public static bool TryParse(PatternText text, SharedExpressions? expressions, [NotNullWhen(true)] out Parts? parts, out string fault)
        {
            parts = null;
            var groups = MaxGroups;
            if (Component.TryParse(text.Protocol!, ComponentRules.Protocol, ref groups, out var protocol, out fault, expressions)
                && Component.TryParse(text.Username!, ComponentRules.Username, ref groups, out var username, out fault, expressions)
                && Component.TryParse(text.Password!, ComponentRules.Password, ref groups, out var password, out fault, expressions)
                && Component.TryParse(text.Hostname!, IsIpv6(text.Hostname!) ? ComponentRules.Ipv6Hostname : ComponentRules.Hostname, ref groups, out var hostname, out fault, expressions)
                && Component.TryParse(text.Port!, ComponentRules.Port, ref groups, out var port, out fault, expressions)
                && Component.TryParse(text.Pathname!, PathRules(protocol), ref groups, out var pathname, out fault, expressions)
                && Component.TryParse(text.Search!, ComponentRules.Search, ref groups, out var search, out fault, expressions)
                && Component.TryParse(text.Hash!, ComponentRules.Hash, ref groups, out var hash, out fault, expressions))
            {
                parts = new Parts(pathname, hostname, protocol, port, search, hash, username, password);
            }

            return parts is not null;
        }

        public bool Match(Url url) => Pathname.Matches(url.Path) && Hostname.Matches(url.Host ?? "") && Protocol.Matches(url.Scheme) && Port.Matches(url.Port)
            && Search.Matches(url.Query ?? "") && Hash.Matches(url.Fragment ?? "") && Username.Matches(url.Username) && Password.Matches(url.Password);

        private static ComponentRules PathRules(Component protocol) =>
            Schemes.Special.Any(protocol.Matches) ? ComponentRules.Pathname : ComponentRules.OpaquePathname;

        private static bool IsIpv6(string hostname) => hostname is ['[', _, ..] or ['{' or '\\', '[', ..];
    }
}
