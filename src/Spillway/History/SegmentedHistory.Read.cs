using Spillway.Events;
using Spillway.History.Sealed;

namespace Spillway.History;

/// <summary>What readers ask. They take what the view shows and never wait for the writer; where a sealed segment turns out to be damaged or gone, they ask again.</summary>
internal sealed partial class SegmentedHistory
{
    public HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes)
    {
        _metrics.PageRead();
        var limit = Math.Min(upTo, Head); // Read before the view: all up to it is there.
        return after >= limit ? new HistoryPage(after, after, default, null) : Answer(view => new PageReader(view, selectors).Read(after, limit, maxBytes));
    }

    public bool TryFind(Position position, out long offset)
    {
        var isHere = _store.Chain.TryFind(position, out var common);
        offset = common ?? Tail;
        return isHere;
    }

    public long MayLackUpTo(long after) => _retained.View.MayLackUpTo(after);

    public long FindSince(long time)
    {
        var limit = Head;
        return Answer(view =>
        {
            for (var i = view.Segments.Length - 1; i >= 0; i--)
            {
                if (view.Segments[i].MinTime >= time)
                {
                    continue;
                }

                var segment = view.Segments[i].Open(null);
                if (segment.LastBefore(time, segment.Index.FirstAfter(limit, segment.Index.Count)) is var ordinal and >= 0)
                {
                    return segment.Index.OffsetAt(ordinal);
                }
            }

            return view.Tail;
        });
    }

    public long FindLast(SelectorSet selectors, int count)
    {
        var limit = Head;
        return count <= 0 ? limit : Answer(view => new PageReader(view, selectors).FindLast(count, limit));
    }

    public bool HasAny(SelectorSet selectors, long after) => after < Head && Answer(view => new PageReader(view, selectors).HasAny(after));

    public HistoryPage Snapshot(SelectorSet selectors, long upTo, int maxKeys, int maxBytes) => Newest(selectors, 0, upTo, maxKeys, maxBytes);

    public HistoryPage Newest(SelectorSet selectors, long after, long upTo, int maxKeys, int maxBytes)
    {
        var limit = Math.Min(upTo, Head);
        return Answer(view => SnapshotReader.Read(view, selectors, after, limit, maxKeys, maxBytes));
    }

    public bool IsEnded(ReadOnlySpan<byte> topic) => _retained.Ended.Contains(topic);

    public IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit, Func<ReadOnlySpan<byte>, bool>? isShown = null) =>
        Answer(view => TopicLister.List(view, _retained.Ended, prefix, after, limit, isShown));

    private T Answer<T>(Func<HistoryView, T> ask)
    {
        while (true)
        {
            var view = _retained.View;
            try
            {
                return ask(view);
            }
            catch (DamagedRecordsException damage)
            {
                _metrics.DamageFound();
                Log.DamageFound(_logger, damage.From, damage.To);
                _retained.AddDamage(damage.From, damage.To); // It comes to an end: what is noted is not read again.
            }
            catch (SegmentGoneException) when (_retained.View != view)
            {
                // Retention was faster; what there is now tells the gap.
            }
        }
    }

    private void ReplaceDamaged(SealedSegment old, SealedSegment fresh, IReadOnlyList<HistoryGap> lost)
    {
        foreach (var gap in lost)
        {
            NoteDamage(gap);
        }

        _retained.TryReplace(old, fresh);
    }
}
