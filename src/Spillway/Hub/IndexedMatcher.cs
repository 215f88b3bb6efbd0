using Spillway.Events;

namespace Spillway.Hub;

/// <summary>One matcher in the dispatcher's index, and the strands of which it decides. Under the dispatcher's lock.</summary>
internal sealed class IndexedMatcher(TopicMatcher matcher)
{
    private TopicMatcher? _matcher = matcher;

    public TopicMatcher Matcher => _matcher ?? throw new InvalidOperationException("The matcher has left the index.");

    /// <summary>Whether it has left the index: remembered lists that still hold it are out of date.</summary>
    public bool IsGone => _matcher is null;

    /// <summary>The strand of all that it matches; 0: nobody wants that.</summary>
    public int Strand { get; set; }

    /// <summary>The strand of those that are public; 0: nobody wants that.</summary>
    public int PublicStrand { get; set; }

    /// <summary>Pairs of private events that it is in, as the first or the second.</summary>
    public int Pairs { get; set; }

    /// <summary>The newest event that was found to match, as the index numbers them.</summary>
    public long Event { get; set; }

    /// <summary>Whether no strand needs it any more.</summary>
    public bool IsIdle => Strand == 0 && PublicStrand == 0 && Pairs == 0;

    /// <summary>The strands of private events that another matches, too, by that other one; null: there are none where this one is the first.</summary>
    public Dictionary<IndexedMatcher, int>? Seconds { get; private set; }

    /// <summary>Whether it matches a topic: what the index says of it, without the index.</summary>
    public bool Matches(ReadOnlySpan<byte> topic)
    {
        var form = Matcher.Form;
        var formed = form is null ? topic : form.Of(topic);
        return (form is null || !formed.IsEmpty) && formed.StartsWith(Matcher.Prefix) && Matcher.Matches(topic);
    }

    public void SetPair(IndexedMatcher second, int strand)
    {
        if (strand == 0)
        {
            Seconds!.Remove(second);
        }
        else
        {
            (Seconds ??= []).Add(second, strand);
        }
    }

    /// <summary>It leaves the index. Lists of matches may hold it for a while: not what it was made of, which may be large.</summary>
    public void Leave() => (_matcher, Seconds) = (null, null);
}
