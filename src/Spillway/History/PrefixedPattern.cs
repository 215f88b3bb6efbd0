using Spillway.Events;

namespace Spillway.History;

/// <summary>A pattern with the literal bytes before its first wildcard, which rule most topics out by one comparison.</summary>
internal sealed class PrefixedPattern(TopicMatcher pattern)
{
    private readonly byte[] _prefix = pattern.Form is null ? pattern.Prefix.ToArray() : []; // Topics are kept as they are, and in their order.

    /// <summary>What tells it from every other one.</summary>
    public string Name => pattern.Name;

    public bool MatchesAll => pattern.MatchesAll;

    public bool Matches(ReadOnlySpan<byte> topic) => topic.StartsWith(_prefix) && pattern.Matches(topic);

    /// <summary>Whether any topic of the event, canonical or alternate, matches.</summary>
    public bool Matches(in EventRecord record)
    {
        if (Matches(record.Topic))
        {
            return true;
        }

        foreach (var alternate in record.Alternates)
        {
            if (Matches(alternate))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the numbers of the topics from <paramref name="from"/> to before <paramref name="to"/> that match, until there are more than <paramref name="most"/>.</summary>
    public void AddMatches(TopicTable topics, int from, int to, int most, List<int> matches)
    {
        for (var number = topics.IsSorted ? Math.Max(from, topics.FirstFrom(_prefix)) : from; number < to && matches.Count <= most; number++)
        {
            if (Matches(topics.NameOf(number)))
            {
                matches.Add(number);
            }
            else if (topics.IsSorted && !topics.NameOf(number).StartsWith(_prefix))
            {
                return;
            }
        }
    }
}
