using Spillway.Events;
using Spillway.Mercure.Patterns;
using Spillway.Mercure.Tokens;

namespace Spillway.Mercure.Active;

/// <summary>One subscription of a connection.</summary>
/// <param name="Dialect">In which it was asked for.</param>
/// <param name="Type">The name of its kind of matcher.</param>
/// <param name="Match">What is asked for, as it was written.</param>
/// <param name="Payload">What the token says of it, in JSON; null: nothing.</param>
internal sealed record SubscriptionEntry(Dialect Dialect, string Type, string Match, string? Payload)
{
    /// <summary>The path of an entry's document, below the hub's: every part is escaped once.</summary>
    public string PathOf(string subscriber) => Dialect == Dialect.Draft8 ? $"{Escape(Type)}/{Escape(Match)}/{Escape(subscriber)}" : $"{Escape(Match)}/{Escape(subscriber)}";

    /// <summary>As it stands in a path. An asterisk alone would be a wildcard, which no topic may hold.</summary>
    public static string Escape(string part) => Uri.EscapeDataString(part).Replace("*", "%2A", StringComparison.Ordinal);

    /// <summary>How a kind of matcher is called.</summary>
    public static string TypeOf(TopicMatcher matcher) => matcher switch
    {
        ExactTopic => MatcherReader.Exact,
        UriTemplate => "uritemplate", // Draft 8 has no name for it.
        UrlPattern => MatcherReader.UrlPattern,
        _ => MatcherReader.Exact, // "*", which is every topic whatever type stands beside it.
    };
}
