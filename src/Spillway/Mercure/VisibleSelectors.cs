using System.Diagnostics.CodeAnalysis;
using System.Text;
using Spillway.Events;

namespace Spillway.Mercure;

/// <summary>
/// What a Mercure subscription selects: public events of what is asked for, and of private ones those of which a topic is granted, be it the one that was asked for or another. It is said once, in patterns; nothing is
/// asked for each event and connection.
/// </summary>
internal static class VisibleSelectors
{
    /// <param name="asked">What is asked for.</param>
    /// <param name="granted">What may be seen of private events.</param>
    /// <param name="grantsAll">Whether that is everything.</param>
    /// <param name="most">How many selectors there may be.</param>
    /// <param name="selectors">The selectors.</param>
    /// <returns>False: there would be more.</returns>
    public static bool TryMake(
        IReadOnlyCollection<TopicMatcher> asked, IReadOnlyCollection<TopicMatcher> granted, bool grantsAll, int most, [NotNullWhen(true)] out SelectorSet? selectors)
    {
        var (topics, patterns) = (new List<string>(), new List<EventPattern>());
        selectors = null;
        foreach (var one in asked)
        {
            if (!grantsAll && !granted.Any(grant => Covers(grant, one)))
            {
                if (topics.Count + patterns.Count + 1L + granted.Count > most)
                {
                    return false;
                }

                patterns.Add(new PublicPattern(one));
                patterns.AddRange(granted.Select(grant => PrivatePattern.Of(one, grant)));
            }
            else if (one is ExactTopic exact)
            {
                topics.Add(Encoding.UTF8.GetString(exact.Topic));
            }
            else
            {
                patterns.Add(one);
            }
        }

        selectors = new SelectorSet(topics, patterns);
        return topics.Count + patterns.Count <= most;
    }

    // Where it cannot be told, it is not: then there are more patterns than there need be, and the same events.
    private static bool Covers(TopicMatcher grant, TopicMatcher asked) => grant.Name == asked.Name || grant.MatchesAll || (asked is ExactTopic exact && grant.Matches(exact.Topic));
}
