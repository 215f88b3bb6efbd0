using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>Which patterns an event's topics match, remembered by topic until a pattern comes or goes. Under the dispatcher's lock.</summary>
internal sealed class PatternIndex(StrandTable strands)
{
    /// <summary>Distinct lists of matching patterns kept; beyond, all are matched anew.</summary>
    private const int MaxMatchLists = 65_536;

    private readonly PatternTrie _trie = new();
    private readonly Dictionary<int, long> _births = [];
    private readonly List<PatternMatches> _matches = [PatternMatches.None];
    private int _matchesVersion; // Of the lists: changes with the patterns, and when there are too many lists.
    private int _patternsVersion;

    public int Count => _trie.Count;

    /// <summary>Adds a pattern; its strand is complete behind the slot <paramref name="head"/>.</summary>
    public void Add(TopicPattern pattern, int strand, long head)
    {
        _trie.Add(pattern, strand);
        _births[strand] = head;
    }

    public void Remove(int strand)
    {
        _trie.Remove(strand);
        _births.Remove(strand);
    }

    /// <summary>The slot behind which a pattern's strand is complete.</summary>
    public long BirthOf(int strand) => _births[strand];

    /// <summary>Adds the strands of the patterns that match any topic of an event, each once; the overflow strand if there are more than an event has links for.</summary>
    public void Link(in EventRecord record, Span<int> linked, ref int count)
    {
        if (_patternsVersion != _trie.Version || _matches.Count >= MaxMatchLists)
        {
            _patternsVersion = _trie.Version;
            _matchesVersion++;
            _matches.RemoveRange(1, _matches.Count - 1);
        }

        var topics = count;
        var overflow = AddPatterns(record.Topic, linked, ref count, topics);
        foreach (var alternate in record.Alternates)
        {
            overflow |= AddPatterns(alternate, linked, ref count, topics);
        }

        if (overflow)
        {
            linked[count++] = StrandTable.Overflow;
        }
    }

    /// <summary>Adds the strands of a topic's patterns; true if there are more than an event has links for.</summary>
    private bool AddPatterns(ReadOnlySpan<byte> topic, Span<int> linked, ref int count, int topics)
    {
        var matches = MatchesOf(topic);
        foreach (var pattern in matches.Strands)
        {
            if (count - topics == PatternTrie.MaxMatches)
            {
                return true; // Several topics, each with many patterns.
            }

            strands.Link(pattern, linked, ref count);
        }

        return matches.Overflow;
    }

    private PatternMatches MatchesOf(ReadOnlySpan<byte> topic)
    {
        var strand = strands.Find(topic, pattern: false);
        if (strand < 0)
        {
            return _trie.Match(topic);
        }

        ref var state = ref strands[strand];
        if (state.MatchesVersion != _matchesVersion)
        {
            state.MatchesVersion = _matchesVersion;
            state.Matches = Intern(_trie.Match(topic));
        }

        return _matches[state.Matches];
    }

    private int Intern(PatternMatches matches)
    {
        if (matches.Strands.Length == 0 && !matches.Overflow)
        {
            return 0;
        }

        // Topics of one kind match the same patterns: look at the newest few lists before adding one.
        for (var i = _matches.Count - 1; i > Math.Max(0, _matches.Count - 9); i--)
        {
            if (_matches[i].Overflow == matches.Overflow && _matches[i].Strands.AsSpan().SequenceEqual(matches.Strands))
            {
                return i;
            }
        }

        _matches.Add(matches);
        return _matches.Count - 1;
    }
}
