using System.Diagnostics.CodeAnalysis;
using System.Text;
using Spillway.Events;
using Spillway.Mercure.Tokens;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Reads what a subscriber asks for, from the query and from a body: which dialect it speaks is told by the names it uses.</summary>
/// <param name="matchers">Reads topics, patterns and templates.</param>
/// <param name="options">Which dialects are spoken, and how much may be asked for.</param>
/// <param name="inQuery">Whether there is nothing but a query.</param>
internal sealed class SubscriptionParameters(MatcherReader matchers, SpillwayOptions options, bool inQuery)
{
    private const string Namespace = "match"; // S3: a name that begins so and is none of those below is a mistake, or of a matcher that is not known here.

    private readonly Dictionary<string, TopicMatcher> _asked = new(StringComparer.Ordinal);
    private int _expressions;
    private string? _first; // The name that told the dialect.

    /// <summary>What is asked for, each once (S7).</summary>
    public IReadOnlyCollection<TopicMatcher> Asked => _asked.Values;

    /// <summary>What is spoken; null: nothing has told it.</summary>
    public Dialect? Dialect { get; private set; }

    /// <summary>The id behind which the stream is to begin; null: none was named.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>Whether gaps, drains and slowness are to be told, which Mercure does not know.</summary>
    public bool Signals { get; private set; }

    /// <summary>Reads pairs; a problem if something in them is not good. Those of a query come before those of a body: the first id counts (S1).</summary>
    public Problem? Read(ReadOnlySpan<byte> form)
    {
        for (var fields = new FormFields(form); fields.Read();)
        {
            if (Take(fields.Name, fields.Text) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>A problem if what was read is not enough.</summary>
    public Problem? FindMissing() => _asked.Count > 0 ? null : Problem.InvalidParameter(
        "match", null, "The subscription names no topic; send match, match_urlpattern, or topic as 0.x has it, once or more.");

    private Problem? Take(string? name, string? text)
    {
        if (name is null)
        {
            return Problem.InvalidParameter("name", null, "The name of a parameter is not valid UTF-8; send names as Mercure has them.");
        }

        switch (name)
        {
            case "match" or "match_exact" or "match_urlpattern":
                return Speak(Mercure.Dialect.Draft8, name) ?? Add(name, text);
            case "topic":
                return Speak(Mercure.Dialect.Classic, name) ?? Add(name, text);
            case "last_event_id":
                return Speak(Mercure.Dialect.Draft8, name) ?? SetLast(name, text);
            case "lastEventID" or "Last-Event-ID":
                return Speak(Mercure.Dialect.Classic, name) ?? SetLast(name, text);
            case "signals":
                Signals = text is "1" or "on";
                return Signals || text is "0" or "off" ? null : Problem.InvalidParameter(name, text, $"signals \"{Problem.Cut(text ?? "")}\" is not known; send 1 or 0.");
            default:
                return name.StartsWith(Namespace, StringComparison.OrdinalIgnoreCase)
                    ? Problem.InvalidParameter(name, text, $"The parameter \"{Problem.Cut(name)}\" is of no matcher that is known here; there are match, match_exact and match_urlpattern.")
                    : null;
        }
    }

    private Problem? Speak(Dialect dialect, string name)
    {
        if (Dialect is { } other && other != dialect)
        {
            return Problem.InvalidParameter(name, null, $"{_first} and {name} are of two versions of the protocol; use the names of one.");
        }

        (Dialect, _first) = (dialect, _first ?? name);
        var spoken = dialect == Mercure.Dialect.Draft8 ? MercureDialects.Draft8 : MercureDialects.Classic;
        return options.Mercure.Dialects == MercureDialects.Both || options.Mercure.Dialects == spoken ? null : Problem.InvalidParameter(name, null, $"{name} is of a version of the protocol that is turned off here (Mercure:Dialects); use the names of the other.");
    }

    private Problem? Add(string name, string? text)
    {
        if (FindFault(name, text) is { } problem)
        {
            return problem;
        }

        return text == MatcherReader.Everything ? Add(name, text, TopicPattern.Everything)
            : TryRead(name, text!, out var matcher, out var fault) ? Add(name, text!, matcher)
            : Bad(name, text, fault);
    }

    private bool TryRead(string name, string text, [NotNullWhen(true)] out TopicMatcher? matcher, out string fault)
    {
        switch (name)
        {
            case "match_urlpattern":
                return matchers.TryReadUrlPattern(text, out matcher, out fault);
            case "topic":
                return matchers.TryReadTemplate(text, out matcher, out fault);
            default:
                (matcher, fault) = (new ExactTopic(Encoding.UTF8.GetBytes(text)), "");
                return true;
        }
    }

    private Problem? Add(string name, string text, TopicMatcher matcher)
    {
        if (!_asked.TryAdd(matcher.Name, matcher))
        {
            return null;
        }

        var (most, option) = inQuery ? (options.Limits.SelectorsInQuery, "Limits:SelectorsInQuery") : (options.Limits.SelectorsInBody, "Limits:SelectorsInBody");
        if (_asked.Count > most)
        {
            return TooMany(name, text, $"names more than the {most} topics and patterns that {option} allows; use patterns, or divide it", option, most);
        }

        const string Expressions = "Mercure:SubscriptionExpressions";
        most = options.Mercure.SubscriptionExpressions;
        _expressions += MatcherReader.ExpressionsOf(matcher);
        return _expressions <= most ? null
            : TooMany(name, text, $"needs more than the {most} regular expressions that {Expressions} allows; write patterns with text, whole segments and one \"*\", which need none", Expressions, most);
    }

    private static Problem TooMany(string name, string text, string fault, string option, int most) => Problem.InvalidParameter(name, text, $"The subscription {fault}.") with { Option = option, Limit = most };

    private Problem? FindFault(string name, string? text) =>
        text is null ? Problem.InvalidParameter(name, null, $"{name} is not valid UTF-8.") : matchers.FindFault(text) is { } fault ? Bad(name, text, fault) : null;

    private Problem? SetLast(string name, string? text)
    {
        LastEventId ??= text;
        return text is null ? Problem.InvalidParameter(name, null, $"{name} is not valid UTF-8.") : null;
    }

    private static Problem Bad(string name, string? text, string fault) => Problem.InvalidParameter(name, text, $"{name} \"{Problem.Cut(text ?? "")}\" {fault}.");
}
