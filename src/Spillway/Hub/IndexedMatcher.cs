using Spillway.Events;

namespace Spillway.Hub;

/// <summary>One matcher in the dispatcher's index, and the strands of which it decides. Under the dispatcher's lock.</summary>
internal sealed class IndexedMatcher(TopicMatcher matcher)
{
    private Dictionary<IndexedMatcher, int>? _pairs;

    public TopicMatcher Matcher => matcher;

    /// <summary>The strand of all that it matches; 0: nobody wants that.</summary>
    public int Strand { get; set; }

    /// <summary>The strand of those that are public; 0: nobody wants that.</summary>
    public int PublicStrand { get; set; }

    /// <summary>Pairs of private events that it is in, as the first or the second.</summary>
    public int Pairs { get; set; }

    /// <summary>Whether no strand needs it any more.</summary>
    public bool IsIdle => Strand == 0 && PublicStrand == 0 && Pairs == 0;

    /// <summary>The strand of private events that another matches, too; 0: there is none where this one is the first.</summary>
    public int PairWith(IndexedMatcher second) => _pairs is not null && _pairs.TryGetValue(second, out var strand) ? strand : 0;

    public void SetPair(IndexedMatcher second, int strand)
    {
        if (strand == 0)
        {
            _pairs!.Remove(second);
        }
        else
        {
            (_pairs ??= []).Add(second, strand);
        }
    }
}
