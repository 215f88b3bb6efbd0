namespace Spillway.History;

/// <summary>The records of a segment that one selection selects, by the postings of its topics; where a pattern is too broad for postings, by a test of each record.</summary>
internal sealed class MatchSource(Selection selection)
{
    private readonly List<int> _numbers = [];
    private readonly List<PrefixedPattern> _broad = [];
    private PostingCursor[] _cursors = [];
    private int _cursorCount;
    private int[] _cells = [];
    private Func<int, bool>? _test;

    /// <summary>Whether any record may be one: <see cref="Next"/> says nothing.</summary>
    public bool IsBroad => _test is not null;

    /// <summary>Begins at record <paramref name="from"/>, to end before <paramref name="to"/>.</summary>
    public void Begin(ISegmentRecords? segment, SegmentIndex index, int from, int to)
    {
        _numbers.Clear();
        _broad.Clear();
        _cursorCount = 0;
        selection.Resolve(index.Topics, segment?.Patterns, _numbers, _broad);
        _test = _broad.Count > 0 ? segment!.Tester(_broad) : null;
        _cells = index.Postings.Cells;
        if (_cursors.Length < _numbers.Count)
        {
            _cursors = new PostingCursor[_numbers.Count];
        }

        foreach (var number in _numbers)
        {
            var cursor = new PostingCursor(index.Topics[number].FirstSlice);
            cursor.SkipTo(_cells, from);
            if (cursor.Current(_cells) < to)
            {
                _cursors[_cursorCount++] = cursor;
            }
        }
    }

    /// <summary>The next record that has a posting; <see cref="PostingCursor.End"/> if there is none.</summary>
    public int Next()
    {
        var next = PostingCursor.End;
        for (var i = 0; i < _cursorCount; i++)
        {
            next = Math.Min(next, _cursors[i].Current(_cells));
        }

        return next;
    }

    /// <summary>Sets the bits of its records from <paramref name="start"/> to before <paramref name="stop"/>; bit 0 is <paramref name="start"/>.</summary>
    public void Set(ulong[] bits, int start, int stop)
    {
        SetPosted(bits, start, stop);
        for (var ordinal = start; IsBroad && ordinal < stop; ordinal++)
        {
            if (Test(ordinal))
            {
                Set(bits, ordinal - start);
            }
        }
    }

    /// <summary>The same for those records only that have a posting.</summary>
    public void SetPosted(ulong[] bits, int start, int stop)
    {
        for (var i = 0; i < _cursorCount; i++)
        {
            ref var cursor = ref _cursors[i];
            cursor.SkipTo(_cells, start); // Another source may have gone further.
            for (int ordinal; (ordinal = cursor.Current(_cells)) < stop; cursor.Advance(_cells))
            {
                Set(bits, ordinal - start);
            }
        }
    }

    /// <summary>Whether a pattern that is too broad for postings selects a record.</summary>
    public bool Test(int ordinal) => _test!(ordinal);

    private static void Set(ulong[] bits, int bit) => bits[bit >> 6] |= 1UL << bit;
}
