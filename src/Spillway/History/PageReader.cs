using Spillway.Events;

namespace Spillway.History;

/// <summary>Reads pages of selected records, and counts those that are gone.</summary>
internal sealed class PageReader(HistoryView view, SelectorSet selectors)
{
    private readonly Selection _selection = new(selectors);
    private MatchWalk? _walk;

    private MatchWalk Walk => _walk ??= new MatchWalk(_selection);

    /// <summary>Reads (<paramref name="after"/>, <paramref name="limit"/>]; all of it has been published.</summary>
    public HistoryPage Read(long after, long limit, int maxBytes)
    {
        var gap = TakeGap(after, ref limit, out var cursor);
        var page = new PageBuilder(maxBytes);
        var last = cursor;
        for (var i = view.SegmentFor(cursor); i < view.Segments.Length && cursor < limit; i++)
        {
            if (view.Segments[i].After >= limit)
            {
                break;
            }

            if (!view.Segments[i].MayHold(_selection))
            {
                continue;
            }

            var segment = view.Segments[i].Open(_selection);
            var index = segment.Index;
            var count = index.Count;
            var to = index.FirstAfter(limit, count);
            Walk.Begin(segment, index.FirstAfter(cursor, count), to);
            while (Walk.MoveNext())
            {
                if (!page.TryAdd(segment, Walk.Current))
                {
                    return new HistoryPage(after, last, page.Build(), gap);
                }

                last = index.OffsetAt(Walk.Current);
            }

            if (to < count)
            {
                break;
            }
        }

        return new HistoryPage(after, limit, page.Build(), gap);
    }

    /// <summary>Whether a selected event follows an offset, up to the newest record, or followed and is gone.</summary>
    public bool HasAny(long after)
    {
        if (after < view.Tail && CountGone(after, view.Tail) != 0)
        {
            return true;
        }

        if (view.DamageAfter(after) is not null)
        {
            return true;
        }

        for (var i = view.SegmentFor(after); i < view.Segments.Length; i++)
        {
            if (!view.Segments[i].MayHold(_selection))
            {
                continue;
            }

            var segment = view.Segments[i].Open(_selection);
            var index = segment.Index;
            var count = index.Count;
            Walk.Begin(segment, index.FirstAfter(after, count), count);
            while (Walk.MoveNext())
            {
                if (!index.IsMarker(Walk.Current))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The offset before the newest <paramref name="count"/> selected events up to <paramref name="limit"/>; the tail if there are fewer.</summary>
    public long FindLast(int count, long limit)
    {
        long missing = count;
        for (var i = view.Segments.Length - 1; i >= 0; i--)
        {
            var kept = view.Segments[i];
            var whole = i < view.Segments.Length - 1 && kept.LastOffset <= limit;
            if (!whole || !_selection.TryCount(kept, out var events))
            {
                events = CountUpTo(kept.Open(_selection), limit);
            }

            if (events >= missing)
            {
                return OffsetBefore(kept.Open(_selection), limit, events - missing);
            }

            missing -= events;
        }

        return view.Tail;
    }

    /// <summary>How many selected events that are no longer kept were in a stretch; null if that is not known any more.</summary>
    public long? CountGone(long after, long to)
    {
        if (after < view.IndexedAfter || (view.DamageAfter(after) is { } damage && damage.From < to))
        {
            return null;
        }

        var sum = 0L;
        foreach (var dropped in view.Dropped)
        {
            if (dropped.LastOffset <= after || dropped.After >= to)
            {
                continue;
            }

            var whole = dropped.After >= after && dropped.LastOffset <= to;
            if (!whole || !_selection.TryCount(dropped, out var events))
            {
                if (dropped.OpenIndex(_selection) is not { } index)
                {
                    return null;
                }

                Walk.Begin(index, index.FirstAfter(after, index.Count), index.FirstAfter(to, index.Count));
                events = CountEvents(index);
            }

            sum += events;
        }

        return sum;
    }

    /// <summary>Finds what a page has to tell first, where its records begin, and where it ends so that it tells no second gap.</summary>
    private HistoryGap? TakeGap(long after, ref long limit, out long cursor)
    {
        cursor = after;
        HistoryGap? gap = null;
        if (cursor < view.Tail)
        {
            var to = Math.Min(limit, view.Tail);
            var count = CountGone(cursor, to);
            gap = count == 0 ? null : new HistoryGap(cursor, to, count, Corrupt: false); // Nothing selected was in it: nothing is missing.
            cursor = to;
        }

        var damage = view.DamageAfter(cursor);
        if (gap is null && damage is not null && damage.From <= cursor && cursor < limit)
        {
            var to = Math.Min(limit, damage.To);
            gap = new HistoryGap(cursor, to, null, Corrupt: true);
            cursor = to;
            damage = view.DamageAfter(cursor);
        }

        limit = damage is null ? limit : Math.Min(limit, Math.Max(damage.From, cursor));
        return gap;
    }

    private long CountUpTo(ISegmentRecords segment, long limit)
    {
        Walk.Begin(segment, 0, segment.Index.FirstAfter(limit, segment.Index.Count));
        return CountEvents(segment.Index);
    }

    private long CountEvents(SegmentIndex index)
    {
        var events = 0L;
        while (Walk.MoveNext())
        {
            events += index.IsMarker(Walk.Current) ? 0 : 1;
        }

        return events;
    }

    /// <summary>The offset before a segment's selected event number <paramref name="skip"/>, counted from 0.</summary>
    private long OffsetBefore(ISegmentRecords segment, long limit, long skip)
    {
        Walk.Begin(segment, 0, segment.Index.FirstAfter(limit, segment.Index.Count));
        while (Walk.MoveNext())
        {
            if (!segment.Index.IsMarker(Walk.Current) && skip-- == 0)
            {
                return segment.Index.OffsetAt(Walk.Current) - 1;
            }
        }

        throw new InvalidOperationException("A segment of the history holds fewer events than its index counts.");
    }
}
