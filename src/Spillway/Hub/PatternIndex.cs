using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>Which patterns an event's topics match, remembered by topic until a pattern comes or goes. Under the dispatcher's lock.</summary>
internal sealed class PatternIndex(StrandTable strands)
{
    /// <summary>Distinct lists of matching patterns kept; beyond, all are matched anew.</summary>
    private const int MaxMatchLists = 65_536;

    /// <summary>Matchers of an event whose pairs are looked for; more, and the event goes to the overflow strand, too.</summary>
    private const int MaxPaired = 64;

    private readonly MatcherTable _matchers = new();
    private readonly Dictionary<int, (EventPattern Pattern, long Birth)> _patterns = [];
    private readonly List<PatternMatches> _matches = [PatternMatches.None];
    private readonly List<IndexedMatcher> _paired = new(MaxPaired);
    private int _matchesVersion; // Of the lists: changes with the patterns, and when there are too many lists.
    private int _patternsVersion;

    public int Count => _patterns.Count;

    /// <summary>Adds a pattern; its strand is complete behind the slot <paramref name="head"/>.</summary>
    public void Add(EventPattern pattern, int strand, long head)
    {
        _patterns.Add(strand, (pattern, head));
        Set(pattern, strand);
    }

    public void Remove(int strand)
    {
        if (_patterns.Remove(strand, out var removed))
        {
            Set(removed.Pattern, 0);
        }
    }

    /// <summary>The slot behind which a pattern's strand is complete.</summary>
    public long BirthOf(int strand) => _patterns[strand].Birth;

    /// <summary>Adds the strands of the patterns that match an event, each once; the overflow strand if there are more than an event has links for.</summary>
    public void Link(in EventRecord record, Span<int> linked, ref int count)
    {
        if (_patternsVersion != _matchers.Version || _matches.Count >= MaxMatchLists)
        {
            _patternsVersion = _matchers.Version;
            _matchesVersion++;
            _matches.RemoveRange(1, _matches.Count - 1);
        }

        _paired.Clear();
        var (topics, isPrivate) = (count, (record.Flags & EventFlags.Private) != 0);
        var overflow = AddPatterns(record.Topic, isPrivate, linked, ref count, topics);
        foreach (var alternate in record.Alternates)
        {
            overflow |= AddPatterns(alternate, isPrivate, linked, ref count, topics);
        }

        if (_paired.Count > 0)
        {
            overflow |= AddPairs(linked, ref count, topics);
        }

        if (overflow)
        {
            linked[count++] = StrandTable.Overflow;
        }
    }

    /// <summary>Says which strand a pattern has; 0: none any more.</summary>
    private void Set(EventPattern pattern, int strand)
    {
        switch (pattern)
        {
            case TopicMatcher matcher:
                var all = _matchers.GetOrAdd(matcher);
                all.Strand = strand;
                _matchers.RemoveIfIdle(all);
                break;
            case PublicPattern open:
                var known = _matchers.GetOrAdd(open.Of);
                known.PublicStrand = strand;
                _matchers.RemoveIfIdle(known);
                break;
            case PrivatePattern pair:
                SetPair(_matchers.GetOrAdd(pair.First), _matchers.GetOrAdd(pair.Second), strand);
                break;
            default:
                throw new ArgumentException($"A pattern of the kind {pattern.GetType().Name} has no place in the index.", nameof(pattern));
        }
    }

    private void SetPair(IndexedMatcher first, IndexedMatcher second, int strand)
    {
        var change = strand == 0 ? -1 : 1;
        first.SetPair(second, strand);
        first.Pairs += change;
        second.Pairs += change;
        _matchers.RemoveIfIdle(first);
        _matchers.RemoveIfIdle(second);
    }

    /// <summary>Adds the strands of a topic's patterns; true if there are more than an event has links for.</summary>
    private bool AddPatterns(ReadOnlySpan<byte> topic, bool isPrivate, Span<int> linked, ref int count, int topics)
    {
        var matches = MatchesOf(topic);
        var overflow = matches.Overflow;
        foreach (var matcher in matches.Matchers)
        {
            overflow |= !TryLink(matcher.Strand, linked, ref count, topics) || (!isPrivate && !TryLink(matcher.PublicStrand, linked, ref count, topics));
            if (isPrivate && matcher.Pairs > 0)
            {
                overflow |= _paired.Count == MaxPaired;
                if (_paired.Count < MaxPaired)
                {
                    _paired.Add(matcher);
                }
            }
        }

        return overflow;
    }

    /// <summary>Adds the strands of pairs of which both match the event; true if there are more than an event has links for.</summary>
    private bool AddPairs(Span<int> linked, ref int count, int topics)
    {
        var overflow = false;
        foreach (var first in _paired)
        {
            foreach (var second in _paired)
            {
                overflow |= !TryLink(first.PairWith(second), linked, ref count, topics);
            }
        }

        return overflow;
    }

    /// <summary>False: the event has no room for another link.</summary>
    private bool TryLink(int strand, Span<int> linked, ref int count, int topics)
    {
        if (strand == 0)
        {
            return true;
        }

        if (count - topics == MatcherTable.MaxMatches)
        {
            return false; // Several topics, each with many patterns.
        }

        strands.Link(strand, linked, ref count);
        return true;
    }

    private PatternMatches MatchesOf(ReadOnlySpan<byte> topic)
    {
        var strand = strands.Find(topic, pattern: false);
        if (strand < 0)
        {
            return _matchers.Match(topic);
        }

        ref var state = ref strands[strand];
        if (state.MatchesVersion != _matchesVersion)
        {
            state.MatchesVersion = _matchesVersion;
            state.Matches = Intern(_matchers.Match(topic));
        }

        return _matches[state.Matches];
    }

    private int Intern(PatternMatches matches)
    {
        if (matches.Matchers.Length == 0 && !matches.Overflow)
        {
            return 0;
        }

        // Topics of one kind match the same patterns: look at the newest few lists before adding one.
        for (var i = _matches.Count - 1; i > Math.Max(0, _matches.Count - 9); i--)
        {
            if (_matches[i].Overflow == matches.Overflow && _matches[i].Matchers.AsSpan().SequenceEqual(matches.Matchers))
            {
                return i;
            }
        }

        _matches.Add(matches);
        return _matches.Count - 1;
    }
}
