using Spillway.Events;

namespace Spillway.History;

/// <summary>A pattern with the literal bytes before its first wildcard: of topics in order, only those that begin with them need be looked at.</summary>
internal sealed class PrefixedPattern(TopicMatcher pattern)
{
    private readonly byte[] _prefix = pattern.Form is null ? pattern.Prefix.ToArray() : []; // Topics are kept as they are, and in their order.

    /// <summary>What tells it from every other one.</summary>
    public string Name => pattern.Name;

    public bool MatchesAll => pattern.MatchesAll;

    /// <summary>Whether any topic of the event, canonical or alternate, matches.</summary>
    public bool Matches(in EventRecord record) => pattern.Matches(record);

    /// <summary>Adds the numbers of the topics from <paramref name="from"/> to before <paramref name="to"/> that match, until there are more than <paramref name="most"/>.</summary>
    public void AddMatches(TopicTable topics, int from, int to, int most, List<int> matches)
    {
        for (var number = topics.IsSorted ? Math.Max(from, topics.FirstFrom(_prefix)) : from; number < to && matches.Count <= most; number++)
        {
            var topic = topics.NameOf(number);
            if (pattern.Matches(topic))
            {
                matches.Add(number);
            }
            else if (topics.IsSorted && !topic.StartsWith(_prefix))
            {
                return;
            }
        }
    }
}
