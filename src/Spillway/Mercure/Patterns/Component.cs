using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Spillway.Mercure.Patterns;

/// <summary>The pattern of one component, ready to match. Immutable; any thread.</summary>
internal sealed class Component
{
    private readonly DirectMatch? _direct;
    private readonly Regex? _regex;
    private readonly string _lead;

    // What is matched begins with the lead, which is compared; the expression is for what follows.
    private Component(DirectMatch? direct, Regex? regex, string lead, string prefix)
    {
        _direct = direct;
        _regex = regex;
        _lead = lead;
        Prefix = prefix;
    }

    /// <summary>What everything begins with that matches.</summary>
    public string Prefix { get; }

    /// <summary>The only text that matches; null where there are several.</summary>
    public string? Literal => _direct?.Literal;

    /// <summary>Whether it needs an expression.</summary>
    public bool IsSearched => _regex is not null;

    /// <param name="text">The pattern of the component.</param>
    /// <param name="rules">The component's.</param>
    /// <param name="groups">How many groups the pattern may have; how many are left is given back.</param>
    /// <param name="component">The component.</param>
    /// <param name="fault">What is wrong, as the end of a sentence about the pattern.</param>
    /// <param name="expressions">Where expressions come from; null: there may be any number.</param>
    /// <param name="search">Whether to match by the regular expression even where comparing suffices, as tests do that compare the two.</param>
    public static bool TryParse(
        string text, ComponentRules rules, ref int groups, [NotNullWhen(true)] out Component? component, out string fault, SharedExpressions? expressions = null, bool search = false)
    {
        component = null;
        if (!PartParser.TryParse(text, rules, out var parts, out fault))
        {
            return false;
        }

        // What matches everything, as a component that is not written does, costs nothing.
        groups -= text == "*" ? 0 : parts.Count(static part => part.Kind != PartKind.FixedText || part.Modifier != PartModifier.None);
        if (groups < 0)
        {
            fault = $"has more than {UrlPattern.MaxGroups} groups";
            return false;
        }

        var prefix = LiteralPrefix(parts);
        if (DirectMatch.From(parts, rules.Delimiter) is { } direct && !search)
        {
            component = new Component(direct, null, "", prefix);
            return true;
        }

        if (!TryBuild(parts, rules, expressions ?? SharedExpressions.Unbounded, out var regex, out var lead, out fault))
        {
            return false;
        }

        component = new Component(null, regex, lead, prefix);
        return true;
    }

    public bool Matches(string text) => _direct is not null
        ? _direct.IsEverything || _direct.Matches(text)
        : text.StartsWith(_lead, StringComparison.Ordinal) && _regex!.IsMatch(text.AsSpan(_lead.Length));

    private static string LiteralPrefix(List<PatternPart> parts)
    {
        var prefix = new StringBuilder();
        foreach (var part in parts)
        {
            if (part is { Kind: PartKind.FixedText, Modifier: PartModifier.None })
            {
                prefix.Append(part.Value);
                continue;
            }

            if (part.IsRequired)
            {
                prefix.Append(part.Kind == PartKind.FixedText ? part.Value : part.Prefix);
            }

            break;
        }

        return prefix.ToString();
    }

    private static bool TryBuild(
        List<PatternPart> parts, ComponentRules rules, SharedExpressions expressions, [NotNullWhen(true)] out Regex? regex, out string lead, out string fault)
    {
        var expression = new StringBuilder();
        regex = null;
        lead = "";
        fault = "";
        foreach (var part in parts)
        {
            if (expression.Length == 0 && part is { Kind: PartKind.FixedText, Modifier: PartModifier.None })
            {
                lead += part.Value;
                continue;
            }

            if (part.Kind == PartKind.FixedText)
            {
                expression.Append("(?:").Append(Escape(part.Value)).Append(')').Append(Sign(part.Modifier));
                continue;
            }

            var group = part.Kind == PartKind.FullWildcard ? ".*" : rules.Delimiter is { } delimiter ? $"[^{Escape(delimiter.ToString())}]+" : ".+";
            if (part.Kind == PartKind.Regexp && !RegexpGroup.TryTranslate(part.Value, out group, out fault))
            {
                return false;
            }

            Append(expression, part, group);
        }

        try
        {
            // Patterns that differ in the lead only share an expression; one that looks at what is before it must see the lead.
            var text = expression.Append(@"\z").ToString();
            if (text.Contains(@"\A", StringComparison.Ordinal) || text.Contains(@"\b", StringComparison.Ordinal) || text.Contains(@"\B", StringComparison.Ordinal))
            {
                (text, lead) = (Escape(lead) + text, "");
            }

            fault = expressions.TryGet(@"\A" + text, out regex) ? "" : expressions.FaultOfMany();
            return regex is not null;
        }
        catch (NotSupportedException)
        {
            fault = $"repeats more in its {rules.Name} than this hub matches; use smaller counts, or \"*\""; // The engine bounds its states.
            return false;
        }
    }

    // Prefix and suffix stand between repetitions too: of "{a:x b}+" it is "a", then texts with "b a" between them, then "b".
    private static void Append(StringBuilder expression, PatternPart part, string group)
    {
        var (prefix, suffix) = (Escape(part.Prefix), Escape(part.Suffix));
        if (part.Modifier is PartModifier.None or PartModifier.Optional)
        {
            expression.Append(CultureInfo.InvariantCulture, $"(?:{prefix}(?:{group}){suffix}){Sign(part.Modifier)}");
        }
        else if (prefix.Length == 0 && suffix.Length == 0)
        {
            expression.Append(CultureInfo.InvariantCulture, $"(?:{group}){Sign(part.Modifier)}");
        }
        else
        {
            expression.Append(CultureInfo.InvariantCulture, $"(?:{prefix}(?:{group})(?:{suffix}{prefix}(?:{group}))*{suffix})");
            expression.Append(part.Modifier == PartModifier.ZeroOrMore ? "?" : "");
        }
    }

    private static string Escape(string text) => string.Concat(text.Select(static character => string.Create(CultureInfo.InvariantCulture, $@"\x{(int)character:X2}")));

    private static string Sign(PartModifier modifier) => modifier switch
    {
        PartModifier.Optional => "?",
        PartModifier.ZeroOrMore => "*",
        PartModifier.OneOrMore => "+",
        _ => "",
    };
}
