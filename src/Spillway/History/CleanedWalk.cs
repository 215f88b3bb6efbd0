namespace Spillway.History;

/// <summary>
/// Walks a segment that retention has cleaned: the selected records that are there, and between them the selected events that are gone, in order. The latter are in the
/// indexes of all that it, or those that it was joined from, once held; where such an index is lost too, every stretch of offsets without a record counts as one with
/// unknown events.
/// </summary>
internal sealed class CleanedWalk(HistoryView view, Selection selection)
{
    private readonly MatchWalk _kept = new(selection);
    private readonly MatchWalk _all = new(selection);
    private SegmentIndex? _index; // Of all that once was in the present stretch.
    private bool _hasKept; // The next kept record is not passed yet.
    private bool _hasAll; // The same of the index.
    private int _next; // The next stretch that has an index.
    private long _previous; // Up to here is told.
    private long _stretchEnd;
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
    public bool IsCounted { get; private set; }

    private long NextKept => _hasKept ? Records!.Index.OffsetAt(_kept.Current) : long.MaxValue;

    /// <summary>Begins in (<paramref name="after"/>, <paramref name="limit"/>].</summary>
    public void Begin(ISegment segment, long after, long limit)
    {
        Records = segment.MayHold(selection) ? segment.Open(selection) : null;
        if (Records is { Index: var kept })
        {
            _kept.Begin(Records, kept.FirstAfter(after, kept.Count), kept.FirstAfter(limit, kept.Count));
        }

        _hasKept = Records is not null && _kept.MoveNext();
        (_previous, _end) = (Math.Max(after, segment.After), Math.Min(limit, segment.LastOffset));
        _next = view.DroppedAt(segment.After);
        _stretchEnd = _previous;
    }

    public bool MoveNext()
    {
        while (_previous < _stretchEnd || TryEnterStretch())
        {
            if (IsCounted ? MoveNextKnown() : MoveNextUnknown())
            {
                return true;
            }

            _previous = _stretchEnd;
        }

        return false;
    }

    /// <summary>Finds the next stretch that has one index, or none. False: it is at the end.</summary>
    private bool TryEnterStretch()
    {
        if (_previous >= _end)
        {
            return false;
        }

        while (_next < view.Dropped.Length && view.Dropped[_next].LastOffset <= _previous)
        {
            _next++;
        }

        var dropped = _next < view.Dropped.Length ? view.Dropped[_next] : null;
        if (dropped is null || dropped.After > _previous)
        {
            (IsCounted, _index, _stretchEnd) = (false, null, Math.Min(_end, dropped?.After ?? _end));
            return true;
        }

        _stretchEnd = Math.Min(_end, dropped.LastOffset);
        var mayHold = dropped.MayHold(selection);
        _index = mayHold ? dropped.OpenIndex(selection) : null;
        IsCounted = !mayHold || _index is not null;
        if (_index is not null)
        {
            _all.Begin(_index, _index.FirstAfter(_previous, _index.Count), _index.FirstAfter(_stretchEnd, _index.Count));
        }

        _hasAll = _index is not null && _all.MoveNext();
        return true;
    }

    private bool MoveNextKnown()
    {
        while (_hasAll)
        {
            var offset = _index!.OffsetAt(_all.Current);
            if (NextKept <= offset)
            {
                _hasAll = NextKept < offset || _all.MoveNext();
                return TakeKept();
            }

            var isMarker = _index.IsMarker(_all.Current);
            _hasAll = _all.MoveNext();
            if (!isMarker)
            {
                (IsKept, Offset, _previous) = (false, offset, Math.Min(offset, _stretchEnd - 1)); // The stretch lasts until nothing more of it is found.
                return true;
            }
        }

        return NextKept <= _stretchEnd && TakeKept();
    }

    private bool MoveNextUnknown()
    {
        var next = Math.Min(NextKept, _stretchEnd + 1);
        if (next > _previous + 1)
        {
            (IsKept, Offset, _previous) = (false, _previous + 1, next - 1);
            return true;
        }

        return NextKept <= _stretchEnd && TakeKept();
    }

    private bool TakeKept()
    {
        (IsKept, Ordinal) = (true, _kept.Current);
        Offset = NextKept;
        _previous = IsCounted ? Math.Min(Offset, _stretchEnd - 1) : Offset;
        _hasKept = _kept.MoveNext();
        return true;
    }
}
