namespace Spillway.History;

/// <summary>What there is at one moment. Never changed, only replaced: a reader that holds one goes on reading segments that were dropped meanwhile.</summary>
/// <param name="Segments">Oldest first; the last one is being written.</param>
/// <param name="Dropped">Indexes of the segments right before, oldest first.</param>
/// <param name="Damage">Stretches that were found damaged, ascending, their counts unknown.</param>
internal sealed record HistoryView(Segment[] Segments, SegmentIndex[] Dropped, HistoryGap[] Damage)
{
    public Segment Active => Segments[^1];

    /// <summary>The offset before the oldest record kept.</summary>
    public long Tail => Segments[0].Index.After;

    /// <summary>The offset after which events can be counted.</summary>
    public long IndexedAfter => Dropped.Length > 0 ? Dropped[0].After : Tail;

    /// <summary>The index of the segment in which to begin to read after an offset.</summary>
    public int SegmentFor(long after)
    {
        var (low, high) = (0, Segments.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (Segments[middle].Index.After <= after)
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
    public HistoryGap? DamageAfter(long offset) => Damage.Length == 0 ? null : Array.Find(Damage, damage => damage.To > offset);
}
