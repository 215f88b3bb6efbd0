using Spillway.Events;

namespace Spillway.History;

/// <summary>Reads pages of selected records, and counts those that are gone.</summary>
internal sealed class PageReader(HistoryView view, SelectorSet selectors)
{
    private readonly Selection _selection = new(selectors);
    private MatchWalk? _walk;
    private CleanedWalk? _cleaned;
    private HistoryGap? _gap; // What the page has to tell.

    private MatchWalk Walk => _walk ??= new MatchWalk(_selection);

    private CleanedWalk Cleaned => _cleaned ??= new CleanedWalk(view, _selection);

    /// <summary>Reads (<paramref name="after"/>, <paramref name="limit"/>]; all of it has been published.</summary>
    public HistoryPage Read(long after, long limit, int maxBytes)
    {
        _gap = TakeGap(after, ref limit, out var cursor);
        var page = new PageBuilder(maxBytes);
        var last = cursor;
        for (var i = view.SegmentFor(cursor); i < view.Segments.Length && cursor < limit; i++)
        {
            var kept = view.Segments[i];
            if (kept.After >= limit)
            {
                break;
            }

            var isWhole = kept.IsCleaned ? ReadCleaned(kept, after, cursor, limit, page, ref last)
                : !kept.MayHold(_selection) || ReadWhole(kept.Open(_selection), cursor, limit, page, ref last);
            if (!isWhole)
            {
                limit = last;
            }
        }

        return new HistoryPage(after, limit, page.Build(), _gap);
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
            var kept = view.Segments[i];
            if (kept.IsCleaned ? HasAnyCleaned(kept, after) : kept.MayHold(_selection) && HasAny(kept.Open(_selection), after))
            {
                return true;
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

    /// <summary>How many selected events were in a stretch before the tail; null if that is not known any more.</summary>
    private long? CountGone(long after, long to)
    {
        if (after < view.IndexedAfter || (view.DamageAfter(after) is { } damage && damage.From < to))
        {
            return null;
        }

        var sum = 0L;
        foreach (var dropped in view.Dropped)
        {
            if (dropped.After >= to)
            {
                break;
            }

            if (dropped.LastOffset <= after)
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

    /// <summary>False: the page is full, after <paramref name="last"/>.</summary>
    private bool ReadWhole(ISegmentRecords segment, long after, long limit, PageBuilder page, ref long last)
    {
        var index = segment.Index;
        var count = index.Count;
        Walk.Begin(segment, index.FirstAfter(after, count), index.FirstAfter(limit, count));
        while (Walk.MoveNext())
        {
            if (!page.TryAdd(segment, Walk.Current))
            {
                return false;
            }

            last = index.OffsetAt(Walk.Current);
        }

        return true;
    }

    /// <summary>What is gone before the page's first record is told with it; before what is gone behind that, the page ends. False: it does, after <paramref name="last"/>.</summary>
    private bool ReadCleaned(ISegment segment, long from, long after, long limit, PageBuilder page, ref long last)
    {
        var isOpen = false; // The gap reaches to what comes next.
        Cleaned.Begin(segment, after, limit);
        while (Cleaned.MoveNext())
        {
            if (!Cleaned.IsKept)
            {
                if (!page.IsEmpty || _gap is { Corrupt: true })
                {
                    last = Cleaned.Offset - 1;
                    return false;
                }

                isOpen = true;
                var before = _gap is null ? 0 : _gap.Count;
                _gap = new HistoryGap(from, Cleaned.Offset, Cleaned.IsCounted ? before + 1 : null, Corrupt: false);
                continue;
            }

            if (isOpen)
            {
                (isOpen, _gap) = (false, _gap! with { To = Cleaned.Offset - 1 });
            }

            if (!page.TryAdd(Cleaned.Records!, Cleaned.Ordinal))
            {
                return false;
            }

            last = Cleaned.Offset;
        }

        _gap = isOpen ? _gap! with { To = Math.Min(limit, segment.LastOffset) } : _gap;
        return true;
    }

    private bool HasAnyCleaned(ISegment segment, long after)
    {
        Cleaned.Begin(segment, after, long.MaxValue);
        while (Cleaned.MoveNext())
        {
            if (!Cleaned.IsKept || !Cleaned.Records!.Index.IsMarker(Cleaned.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasAny(ISegmentRecords segment, long after)
    {
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

        return false;
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
