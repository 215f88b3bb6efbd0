using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Spillway.Events;
using Spillway.Mercure.Patterns;

namespace Spillway.Mercure.Tokens;

/// <summary>Reads topics and matchers as tokens and subscriptions write them.</summary>
/// <param name="form">The form of topics at the hub, against whose URL patterns are resolved.</param>
/// <param name="mostBytes">The most bytes of one.</param>
/// <param name="expressions">Where they have their expressions from.</param>
internal sealed class MatcherReader(UrlForm form, int mostBytes, SharedExpressions expressions)
{
    /// <summary>Every topic, whatever type stands beside it (M2).</summary>
    public const string Everything = "*";

    /// <summary>The names of the types of draft 8.</summary>
    public const string Exact = "exact";

    /// <inheritdoc cref="Exact"/>
    public const string UrlPattern = "urlpattern";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> Types = [Exact, UrlPattern];

    private MatcherReader? _forTokens; // Null: itself.

    /// <summary>The same for what tokens grant, with expressions of its own: whoever subscribes takes no room from it.</summary>
    public MatcherReader ForTokens => _forTokens ?? this;

    /// <summary>The form of topics at the hub, one object for all of its patterns.</summary>
    public UrlForm Form => form;

    /// <summary>For the hub of some options; where there is none, nobody looked at its URL.</summary>
    public static MatcherReader Create(MercureOptions hub, SharedExpressions expressions, SharedExpressions? ofTokens = null)
    {
        var form = new UrlForm(hub.Enabled ? hub.Url : new MercureOptions().Url);
        return new(form, hub.PatternBytes, expressions) { _forTokens = ofTokens is null ? null : new(form, hub.PatternBytes, ofTokens) };
    }

    /// <summary>How many expressions a matcher needs.</summary>
    public static int ExpressionsOf(TopicMatcher matcher) => matcher switch
    {
        Patterns.UrlPattern pattern => pattern.Expressions,
        UriTemplate template => template.Expressions,
        _ => 0,
    };

    /// <summary>What is wrong with the text of a topic or matcher, as the end of a sentence that begins with it; null where nothing is.</summary>
    public string? FindFault(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        if (text.Length == 0 || bytes > mostBytes)
        {
            return text.Length == 0 ? "is empty" : $"has {bytes} bytes; Mercure:PatternBytes allows {mostBytes}";
        }

        return FindForbidden(text);
    }

    /// <summary>The same for characters that nothing of Mercure may hold.</summary>
    public static string? FindForbidden(string text)
    {
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
        matcher = Patterns.UrlPattern.TryParse(text, form, out var pattern, out fault, mostBytes, expressions) ? pattern : null;
        return matcher is not null;
    }

    /// <summary>Reads what 0.x has: a template. What is none, for it has no variables or breaks their grammar, is an exact topic. A fault is the end of a sentence that begins with the text.</summary>
    public bool TryReadTemplate(string text, [NotNullWhen(true)] out TopicMatcher? matcher, out string fault)
    {
        fault = "";
        matcher = !UriTemplate.IsTemplate(text) || !TemplateParser.TryParse(text, out _, out _) ? new ExactTopic(Encoding.UTF8.GetBytes(text))
            : UriTemplate.TryParse(text, out var template, out fault, mostBytes, expressions) ? template : null;
        return matcher is not null;
    }
}
