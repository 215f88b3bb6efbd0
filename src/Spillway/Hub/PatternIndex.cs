using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>Which patterns an event's topics match. Under the dispatcher's lock.</summary>
internal sealed class PatternIndex
{
    /// <summary>Matchers of an event whose pairs are looked for; more, and the event goes to the overflow strand, too.</summary>
    private const int MaxPaired = 64;

    private readonly StrandTable _strands;
    private readonly MatcherTable _matchers = new();
    private readonly MatchMemo _memo;
    private readonly Dictionary<int, (EventPattern Pattern, long Birth)> _patterns = [];
    private readonly List<IndexedMatcher> _paired = new(MaxPaired);
    private long _event; // Numbers events, so that a matcher tells whether this one has met it.

    public PatternIndex(StrandTable strands) => (_strands, _memo) = (strands, new MatchMemo(strands, _matchers));

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
        _event++;
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

    /// <summary>Adds the strands of a topic's patterns, but for those that another of the event's topics matched; true if there are more than an event has links for.</summary>
    private bool AddPatterns(ReadOnlySpan<byte> topic, bool isPrivate, Span<int> linked, ref int count, int topics)
    {
        var matches = _memo.Of(topic);
        var overflow = matches.Overflow;
        foreach (var matcher in matches.Matchers)
        {
            if (matcher.Event == _event)
            {
                continue;
            }

            matcher.Event = _event;
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
        var isWhole = true;
        foreach (var first in _paired)
        {
            if (first.Seconds is not { Count: > 0 } seconds)
            {
                continue;
            }

            // Of a pair's second matchers and the event's own ones, whichever are fewer.
            if (seconds.Count < _paired.Count)
            {
                foreach (var (second, strand) in seconds)
                {
                    isWhole = isWhole && (second.Event != _event || TryLink(strand, linked, ref count, topics));
                }
            }
            else
            {
                foreach (var second in _paired)
                {
                    isWhole = isWhole && (!seconds.TryGetValue(second, out var strand) || TryLink(strand, linked, ref count, topics));
                }
            }

            if (!isWhole)
            {
                return true; // There is no room for any other.
            }
        }

        return false;
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

        _strands.Link(strand, linked, ref count);
        return true;
    }
}
