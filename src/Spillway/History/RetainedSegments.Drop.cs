using Spillway.Events;
using Spillway.History.Sealed;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>How segments go, whole or in part, and what of their indexes stays.</summary>
internal sealed partial class RetainedSegments
{
    /// <summary>Adds the indexes that are left of what retention took, oldest first.</summary>
    public void LoadDropped(IEnumerable<SealedSegment> dropped)
    {
        lock (_changing)
        {
            SetViewLocked(_view with { Dropped = [.. dropped] });
        }
    }

    /// <summary>Once all is loaded: gives up the indexes among those of segments that are neither gone nor cleaned.</summary>
    public void ForgetStrays()
    {
        lock (_changing)
        {
            var kept = new List<ISegmentSummary>();
            foreach (var dropped in _view.Dropped)
            {
                var segment = _view.Segments[_view.SegmentFor(dropped.After)];
                var isPart = segment.IsCleaned && segment.After <= dropped.After && dropped.LastOffset <= segment.LastOffset && (kept.Count == 0 || kept[^1].LastOffset <= dropped.After);
                if (dropped.After < _view.Tail || isPart)
                {
                    kept.Add(dropped);
                }
                else
                {
                    ForgetIndexLocked(dropped);
                }
            }

            SetViewLocked(_view with { Dropped = [.. kept] });
        }
    }

    /// <summary>Puts what retention has left of segments, one behind the other, in their place. False: they are not there any more.</summary>
    public bool TryClean(IReadOnlyList<ISegment> old, ISegment fresh)
    {
        lock (_changing)
        {
            var place = Array.IndexOf(_view.Segments, old[0]);
            if (place < 0 || !_view.Segments.AsSpan(place).StartsWith([.. old]))
            {
                return false;
            }

            ISegment[] segments = [.. _view.Segments[..place], fresh, .. _view.Segments[(place + old.Count)..]];
            var dropped = old.Count == 1 ? WithIndexLocked(old[0]) : _view.Dropped; // Only those that were cleaned are joined.
            SetViewLocked(ForgetIndexesLocked(_view with { Segments = segments, Dropped = dropped }));
            CountLocked(fresh.Count - old.Sum(static one => (long)one.Count), fresh.Length - old.Sum(static one => one.Length));
        }

        foreach (var gone in old)
        {
            GiveUp(gone);
        }

        return true;
    }

    /// <summary>Drops the oldest segment; never the active one. Nothing happens if it is not that one any more.</summary>
    public void DropOldest(ISegment oldest)
    {
        lock (_changing)
        {
            if (_view.Segments[0] != oldest)
            {
                return;
            }

            SetViewLocked(ForgetIndexesLocked(_view with { Segments = _view.Segments[1..], Dropped = WithIndexLocked(oldest) }));
            CountLocked(-oldest.Count, -oldest.Length);
        }

        Ended.Forget(View.Tail);
        GiveUp(oldest);
        if (oldest is Segment segment)
        {
            foreach (var ordinal in segment.Endings)
            {
                var record = new EventRecord(segment.RecordAt(ordinal));
                Ended.Remove(record.Topic, record.Offset);
            }
        }
        else if (oldest is SealedSegment { Head.Ends: > 0 })
        {
            Later(Ended.Sweep);
        }
    }

    /// <summary>The dropped with the index of a segment that goes. Of one that was cleaned before, it is there already or forgotten: what is left of it does not say what it held.</summary>
    private ISegmentSummary[] WithIndexLocked(ISegment gone)
    {
        if (gone.IsCleaned)
        {
            return _view.Dropped;
        }

        var index = gone is Segment inMemory ? inMemory.Index : (ISegmentSummary)gone;
        _droppedBytes += (index as SegmentIndex)?.Bytes ?? 0;
        var place = _view.DroppedAt(gone.After);
        return [.. _view.Dropped[..place], index, .. _view.Dropped[place..]];
    }

    /// <summary>Frees what nobody who comes now will read.</summary>
    private void GiveUp(ISegment gone)
    {
        if (gone is Segment segment)
        {
            Later(() => Delete(segment));
            return;
        }

        var stored = (SealedSegment)gone;
        stored.GiveUpPayload();
        if (stored.IsCleaned)
        {
            stored.GiveUpIndex();
        }

        Later(() =>
        {
            store!.DeletePayload(stored);
            if (stored.IsCleaned)
            {
                store.DeleteIndex(stored);
            }
        });
    }

    private void Delete(Segment segment)
    {
        if (store is not null && segment.File is SegmentFile file)
        {
            file.GiveUp();
            store.DeleteInOrder(file.Name, segment.LastOffset);
        }
        else
        {
            segment.File.Delete();
        }
    }

    private HistoryView ForgetIndexesLocked(HistoryView view)
    {
        var most = limits.IndexRetention * (long)Math.Max(view.Segments.Length, FewSegments);
        var first = 0;
        while (view.Dropped.Length - first > most || (_droppedBytes > limits.IndexBytes && first < view.Dropped.Length))
        {
            metrics.Forgotten();
            ForgetIndexLocked(view.Dropped[first++]);
        }

        if (first == 0)
        {
            return view;
        }

        var shorter = view with { Dropped = view.Dropped[first..] };
        return shorter with { Damage = Array.FindAll(shorter.Damage, damage => damage.To > shorter.IndexedAfter) };
    }

    private void ForgetIndexLocked(ISegmentSummary forgotten)
    {
        _droppedBytes -= (forgotten as SegmentIndex)?.Bytes ?? 0;
        if (forgotten is SealedSegment stored)
        {
            stored.GiveUpIndex();
            Later(() => store!.DeleteIndex(stored));
        }
    }
}
