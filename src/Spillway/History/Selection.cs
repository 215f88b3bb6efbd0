using Spillway.Events;

namespace Spillway.History;

/// <summary>A set of selectors made ready to be looked up in many segments.</summary>
internal sealed class Selection
{
    private readonly (byte[] Name, ulong Hash)[] _topics; // With the hash of this process.
    private readonly PrefixedPattern[] _patterns;

    public Selection(SelectorSet selectors)
    {
        _topics = [.. selectors.Topics.Select(static topic => (topic, TopicHash.Of(topic)))];
        _patterns = [.. selectors.Patterns.OfType<TopicMatcher>().Select(static pattern => new PrefixedPattern(pattern))];
        var shared = new Dictionary<string, Selection>(StringComparer.Ordinal); // Of matchers that may be in many patterns: one asked for, for instance, with each that is granted.
        Visible = [.. selectors.Patterns.Where(static pattern => pattern is not TopicMatcher).Select(pattern => Divide(pattern, shared))];
        MatchesAll = _patterns.Any(static pattern => pattern.MatchesAll);
    }

    private Selection(TopicMatcher one)
    {
        _topics = one is ExactTopic exact ? [(exact.Topic, TopicHash.Of(exact.Topic))] : [];
        _patterns = one is ExactTopic ? [] : [new PrefixedPattern(one)];
        Visible = [];
        MatchesAll = one.MatchesAll;
    }

    /// <summary>What is selected beside topics and their patterns.</summary>
    public IReadOnlyList<VisibleSelection> Visible { get; }

    public ReadOnlySpan<(byte[] Name, ulong Hash)> Topics => _topics;

    /// <summary>How many patterns, of whatever kind.</summary>
    public int Patterns => _patterns.Length + Visible.Count;

    /// <summary>Whether it holds <c>**</c>.</summary>
    public bool MatchesAll { get; }

    /// <summary>
    /// Finds the numbers of the selected topics, some of them perhaps twice, and the patterns that are too broad here for that; the latter only where
    /// <paramref name="memo"/> is given. A topic that comes in during the call may be missing.
    /// </summary>
    public void Resolve(TopicTable topics, PatternMemo? memo, List<int> numbers, List<PrefixedPattern> broad)
    {
        foreach (var (name, hash) in _topics)
        {
            if (topics.Find(name, hash) is var number and >= 0)
            {
                numbers.Add(number);
            }
        }

        foreach (var pattern in _patterns)
        {
            if (memo is null)
            {
                pattern.AddMatches(topics, 0, topics.Count, int.MaxValue, numbers);
            }
            else if (memo.Match(pattern, topics) is { } matches)
            {
                numbers.AddRange(matches);
            }
            else
            {
                broad.Add(pattern);
            }
        }
    }

    /// <summary>How many events of a whole segment nobody appends to any more are selected, if that can be said without looking at them.</summary>
    public bool TryCount(ISegmentSummary segment, out long count)
    {
        count = 0;
        if (MatchesAll)
        {
            count = segment.Events;
            return true;
        }

        if (!segment.MayHold(this))
        {
            return true;
        }

        if (Patterns > 0 || _topics.Length != 1 || segment.OpenIndex(this) is not { } index)
        {
            return false;
        }

        if (index.Topics.Find(_topics[0].Name, _topics[0].Hash) is var number and >= 0)
        {
            ref readonly var entry = ref index.Topics[number];
            count = entry.PublicCount + (long)entry.PrivateCount;
        }

        return true;
    }

    private static VisibleSelection Divide(EventPattern pattern, Dictionary<string, Selection> shared) => pattern switch
    {
        PublicPattern open => new VisibleSelection(Share(open.Of, shared), null, IsPrivate: false),
        PrivatePattern pair => new VisibleSelection(Share(pair.First, shared), Share(pair.Second, shared), IsPrivate: true),
        _ => throw new ArgumentException($"History cannot look for a pattern of the kind {pattern.GetType().Name}.", nameof(pattern)),
    };

    private static Selection Share(TopicMatcher one, Dictionary<string, Selection> shared)
    {
        if (!shared.TryGetValue(one.Name, out var selection))
        {
            shared.Add(one.Name, selection = new Selection(one));
        }

        return selection;
    }
}
