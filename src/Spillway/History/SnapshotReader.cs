using Spillway.Events;

namespace Spillway.History;

/// <summary>Finds the newest selected event of every topic and key.</summary>
internal static class SnapshotReader
{
    /// <summary>
    /// Reads (<paramref name="after"/>, <paramref name="limit"/>], all of which has been published. Newest segment first; within one, most superseded events are known.
    /// </summary>
    public static HistoryPage Read(HistoryView view, SelectorSet selectors, long after, long limit, int maxKeys, int maxBytes)
    {
        after = Math.Max(after, view.Tail);
        var selection = new Selection(selectors);
        var walk = new MatchWalk(selection);
        var seen = new HashSet<ulong>(); // Hashes with a secret seed: 100,000 of them meet once in 10^9 snapshots.
        var page = new PageBuilder(maxBytes);
        var candidates = new List<int>();
        var bytes = new byte[4 * 1024];
        for (var i = view.Segments.Length - 1; i >= 0 && view.Segments[i].LastOffset > after; i--)
        {
            if (!view.Segments[i].MayHold(selection))
            {
                continue;
            }

            var segment = view.Segments[i].Open(selection);
            FindCandidates(view, walk, segment, after, limit, candidates);
            for (var at = candidates.Count - 1; at >= 0; at--)
            {
                var record = new EventRecord(ReadRecord(segment, candidates[at], ref bytes));
                if (!seen.Add(TopicHash.Of(TopicHash.Of(record.Topic), record)))
                {
                    continue;
                }

                if (seen.Count > maxKeys || !page.TryAdd(segment, candidates[at]))
                {
                    return Build(page, view, after, limit, leftOut: record.Offset);
                }
            }
        }

        return Build(page, view, after, limit, leftOut: null);
    }

    private static void FindCandidates(HistoryView view, MatchWalk walk, ISegmentRecords segment, long after, long limit, List<int> candidates)
    {
        var count = segment.Index.Count;
        var to = segment.Index.FirstAfter(limit, count);
        candidates.Clear();
        walk.Begin(segment, segment.Index.FirstAfter(after, count), to);
        while (walk.MoveNext())
        {
            // With alternates, an event may be selected and the newer one of its topic and key not: it is left to the caller's comparison.
            var ordinal = walk.Current;
            if (!segment.Index.IsMarker(ordinal) && !view.IsDamaged(segment.Index.OffsetAt(ordinal)) && (segment.Index.HasAlternates(ordinal) || !segment.IsSuperseded(ordinal, to)))
            {
                candidates.Add(ordinal);
            }
        }
    }

    private static ReadOnlySpan<byte> ReadRecord(ISegmentRecords segment, int ordinal, ref byte[] bytes)
    {
        var length = segment.EndOf(ordinal) - segment.StartOf(ordinal);
        if (length > bytes.Length)
        {
            bytes = new byte[length];
        }

        segment.Read(ordinal, ordinal, bytes.AsSpan(0, length));
        return bytes.AsSpan(0, length);
    }

    private static HistoryPage Build(PageBuilder page, HistoryView view, long after, long limit, long? leftOut)
    {
        page.Reverse();
        var from = leftOut ?? after;
        var damage = view.Damage.Where(damage => damage.To > from && damage.From < limit).Select(damage => damage with { From = Math.Max(damage.From, from), To = Math.Min(damage.To, limit) });

        // How many more there are is not counted: it would take as long, and as much memory, as no bound.
        return new HistoryPage(after, limit, page.Build(), leftOut is { } to ? new HistoryGap(after, to, null, Corrupt: false) : null) { Damage = [.. damage] };
    }
}
