namespace Spillway.History;

/// <summary>
/// Walks a segment that retention has cleaned: the selected records that are there, and between them the selected events that are gone, in order. The latter are in the
/// index of all that it once held; where that is lost too, every stretch of offsets without a record counts as one with unknown events.
/// </summary>
internal sealed class CleanedWalk(HistoryView view, Selection selection)
{
    private readonly MatchWalk _kept = new(selection);
    private readonly MatchWalk _all = new(selection);
    private SegmentIndex? _index; // Of all that the segment once held.
    private bool _hasKept; // The next kept record is not passed yet.
    private long _previous;
    private long _end;

    /// <summary>The segment's records; null where none is selected.</summary>
    public ISegmentRecords? Records { get; private set; }

    /// <summary>Whether it stands at a record that is there; else at an event that is gone.</summary>
    public bool IsKept { get; private set; }

    /// <summary>The number of the record that is there.</summary>
    public int Ordinal { get; private set; }

    /// <summary>The offset of what it stands at; of unknown events the least that they can have.</summary>
    public long Offset { get; private set; }

    /// <summary>False: at an unknown number of events, perhaps none.</summary>
    public bool IsCounted => _index is not null;

    /// <summary>Begins in (<paramref name="after"/>, <paramref name="limit"/>]. False: nothing that is selected was ever there.</summary>
    public bool Begin(ISegment segment, long after, long limit)
    {
        var original = view.OriginalOf(segment);
        if (original is not null && !original.MayHold(selection))
        {
            return false;
        }

        _index = original?.OpenIndex(selection);
        if (_index is not null)
        {
            _all.Begin(_index, _index.FirstAfter(after, _index.Count), _index.FirstAfter(limit, _index.Count));
        }

        Records = segment.MayHold(selection) ? segment.Open(selection) : null;
        if (Records is { Index: var kept })
        {
            _kept.Begin(Records, kept.FirstAfter(after, kept.Count), kept.FirstAfter(limit, kept.Count));
        }

        (_previous, _end) = (Math.Max(after, segment.After), Math.Min(limit, segment.LastOffset));
        _hasKept = Records is not null && _kept.MoveNext();
        return true;
    }

    public bool MoveNext() => _index is null ? MoveNextUnknown() : MoveNextKnown(_index);

    private bool MoveNextKnown(SegmentIndex all)
    {
        while (_all.MoveNext())
        {
            var offset = all.OffsetAt(_all.Current);
            if (_hasKept && Records!.Index.OffsetAt(_kept.Current) == offset)
            {
                return TakeKept();
            }

            if (!all.IsMarker(_all.Current))
            {
                (IsKept, Offset) = (false, offset);
                return true;
            }
        }

        return false;
    }

    private bool MoveNextUnknown()
    {
        var next = _hasKept ? Records!.Index.OffsetAt(_kept.Current) : _end + 1;
        if (next > _previous + 1)
        {
            (IsKept, Offset, _previous) = (false, _previous + 1, next - 1);
            return true;
        }

        return _hasKept && TakeKept();
    }

    private bool TakeKept()
    {
        (IsKept, Ordinal) = (true, _kept.Current);
        Offset = _previous = Records!.Index.OffsetAt(Ordinal);
        _hasKept = _kept.MoveNext();
        return true;
    }
}
