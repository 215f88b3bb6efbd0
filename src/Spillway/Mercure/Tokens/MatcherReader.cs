using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Spillway.Events;
using Spillway.Mercure.Patterns;

namespace Spillway.Mercure.Tokens;

/// <summary>Reads topics and matchers as tokens and subscriptions write them.</summary>
/// <param name="form">The form of topics at the hub, against whose URL patterns are resolved.</param>
/// <param name="mostBytes">The most bytes of one.</param>
internal sealed class MatcherReader(UrlForm form, int mostBytes)
{
    /// <summary>Every topic, whatever type stands beside it (M2).</summary>
    public const string Everything = "*";

    /// <summary>The names of the types of draft 8.</summary>
    public const string Exact = "exact";

    /// <inheritdoc cref="Exact"/>
    public const string UrlPattern = "urlpattern";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> Types = [Exact, UrlPattern];

    /// <summary>The form of topics at the hub, one object for all of its patterns.</summary>
    public UrlForm Form => form;

    /// <summary>For the hub of some options; where there is none, nobody looked at its URL.</summary>
    public static MatcherReader Create(MercureOptions hub) => new(new UrlForm(hub.Enabled ? hub.Url : new MercureOptions().Url), hub.PatternBytes);

    /// <summary>What is wrong with the text of a topic or matcher, as the end of a sentence that begins with it; null where nothing is.</summary>
    public string? FindFault(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (text.Length == 0 || bytes > mostBytes)
        {
            return text.Length == 0 ? "is empty" : $"has {bytes} bytes; Mercure:PatternBytes allows {mostBytes}";
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format)
            {
                return $"holds U+{rune.Value:X4}; control and format characters are not allowed";
            }
        }

        return null;
    }

    /// <summary>Reads a URL pattern. A fault is the end of a sentence that begins with it.</summary>
    public bool TryReadUrlPattern(string text, [NotNullWhen(true)] out TopicMatcher? matcher, out string fault)
    {
        matcher = UrlPatternOf(text, out fault);
        return matcher is not null;
    }

    /// <summary>Reads what 0.x has: a template. What is none, for it has no expression or a broken one, is an exact topic.</summary>
    public bool TryReadTemplate(string text, [NotNullWhen(true)] out TopicMatcher? matcher)
    {
        matcher = text.Contains('{', StringComparison.Ordinal) && UriTemplate.TryParse(text, out var template, out _, mostBytes) ? template : null;
        return matcher is not null;
    }

    private Patterns.UrlPattern? UrlPatternOf(string text, out string fault) => Patterns.UrlPattern.TryParse(text, form, out var pattern, out fault, mostBytes) ? pattern : null;
}
