namespace Spillway.History;

/// <summary>What there is at one moment. Never changed, only replaced: a reader that holds one goes on reading segments that were dropped meanwhile, while their files last.</summary>
/// <param name="Segments">Oldest first; the last one is being written.</param>
/// <param name="Dropped">What is left of what retention took, oldest first: the indexes of segments right before those kept, and of all that cleaned segments once held.</param>
/// <param name="Damage">Stretches that were found damaged, ascending, their counts unknown.</param>
internal sealed record HistoryView(ISegment[] Segments, ISegmentSummary[] Dropped, HistoryGap[] Damage)
{
    /// <summary>The most stretches of damage that are told apart: then the one that is found swallows what lies up to the next.</summary>
    private const int MostDamage = 10_000;

    public Segment Active => (Segment)Segments[^1];

    /// <summary>The offset before the oldest record kept.</summary>
    public long Tail => Segments[0].After;

    /// <summary>The offset after which events that are no longer kept, up to the tail, can be counted: from there their indexes have no hole.</summary>
    public long IndexedAfter
    {
        get
        {
            var after = Tail;
            for (var i = DroppedAt(after) - 1; i >= 0 && Dropped[i].LastOffset == after; i--)
            {
                after = Dropped[i].After;
            }

            return after;
        }
    }

    /// <summary>The place among the dropped of the first that begins at an offset or above.</summary>
    public int DroppedAt(long after)
    {
        var (low, high) = (0, Dropped.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Dropped[middle].After < after)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>The index of the segment in which to begin to read after an offset.</summary>
    public int SegmentFor(long after)
    {
        var (low, high) = (0, Segments.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (Segments[middle].After <= after)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>The first damaged stretch that ends after an offset.</summary>
    public HistoryGap? DamageAfter(long offset) => FirstDamage(offset) is var i && i < Damage.Length ? Damage[i] : null;

    /// <summary>Whether an offset lies in a damaged stretch.</summary>
    public bool IsDamaged(long offset) => DamageAfter(offset - 1) is { } damage && damage.From < offset;

    /// <summary>The same with one more damaged stretch, joined with those that it touches.</summary>
    public HistoryView WithDamage(long from, long to)
    {
        if (Damage.Length >= MostDamage && DamageAfter(to) is { } next)
        {
            to = Math.Max(to, next.From);
        }

        var first = FirstDamage(from - 1);
        var last = first;
        for (; last < Damage.Length && Damage[last].From <= to; last++)
        {
            (from, to) = (Math.Min(from, Damage[last].From), Math.Max(to, Damage[last].To));
        }

        return this with { Damage = [.. Damage[..first], new HistoryGap(from, to, null, Corrupt: true), .. Damage[last..]] };
    }

    /// <summary>The offset up to which something that followed another one may be gone; that one itself where all is there.</summary>
    public long MayLackUpTo(long after)
    {
        for (var i = Segments.Length - 1; i >= 0 && Segments[i].LastOffset > after; i--)
        {
            if (Segments[i].IsCleaned)
            {
                return Math.Max(Segments[i].LastOffset, LastDamage(after));
            }

            if (i > 0 && Segments[i].After > Segments[i - 1].LastOffset && Segments[i].After > after)
            {
                return Math.Max(Segments[i].After, LastDamage(after)); // Of the one between nothing is left.
            }
        }

        return LastDamage(after);
    }

    private long LastDamage(long after) => Damage.Length > 0 ? Math.Max(after, Damage[^1].To) : after;

    /// <summary>The number of the first damaged stretch that ends after an offset.</summary>
    private int FirstDamage(long offset)
    {
        var (low, high) = (0, Damage.Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Damage[middle].To <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
