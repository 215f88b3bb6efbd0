using Spillway.Events;

namespace Spillway.History;

/// <summary>A pattern with the literal bytes before its first wildcard, which rule most topics out by one comparison.</summary>
internal sealed class PrefixedPattern(TopicPattern pattern)
{
    private readonly byte[] _prefix = PrefixOf(pattern);

    public string Text => pattern.Text;

    /// <summary>Whether it is <c>**</c>.</summary>
    public bool MatchesAll => pattern is { OpenEnded: true, SegmentCount: 0 };

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

    private static byte[] PrefixOf(TopicPattern pattern)
    {
        var length = 0;
        for (var i = 0; i < pattern.SegmentCount && !pattern.Segment(i).AsSpan().SequenceEqual("*"u8); i++)
        {
            length += pattern.Segment(i).Length + (i == 0 ? 0 : 1); // Without the slash behind: "a/**" matches "a".
        }

        return pattern.Utf8[..length];
    }
}
