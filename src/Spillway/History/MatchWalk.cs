using System.Numerics;

namespace Spillway.History;

/// <summary>
/// Walks the selected records of a segment, or of an index whose segment is gone, in ascending order, each once. The postings of all selected topics are merged by
/// setting bits, 512 records at a time: cheaper than a heap, and an event with several selected topics is one bit.
/// </summary>
internal sealed class MatchWalk
{
    private const int Span = 512;

    private readonly Selection _selection;
    private readonly ulong[] _bits = new ulong[Span / 64];
    private readonly List<int> _numbers = [];
    private readonly List<PrefixedPattern> _broad = [];
    private PostingCursor[] _cursors = [];
    private int _cursorCount;
    private int[] _cells = [];
    private Func<int, bool>? _test; // Where a pattern is too broad for postings.
    private int _start;
    private int _end;
    private int _word;

    public MatchWalk(Selection selection)
    {
        _selection = selection;
    }

    /// <summary>The record's number.</summary>
    public int Current { get; private set; }

    /// <summary>Begins at record <paramref name="from"/> of a segment, to end before <paramref name="to"/>, which readers may see.</summary>
    public void Begin(ISegmentRecords segment, int from, int to) => Begin(segment, segment.Index, from, to);

    /// <summary>Begins in an index without a segment.</summary>
    public void Begin(SegmentIndex index, int from, int to) => Begin(null, index, from, to);

    public bool MoveNext()
    {
        while (true)
        {
            for (; _word < _bits.Length; _word++)
            {
                if (_bits[_word] is var bits and not 0)
                {
                    _bits[_word] = bits & (bits - 1);
                    Current = _start + (_word * 64) + BitOperations.TrailingZeroCount(bits);
                    return true;
                }
            }

            _start = Math.Min(_start + Span, _end);
            if (!TryFill())
            {
                return false;
            }
        }
    }

    private void Begin(ISegmentRecords? segment, SegmentIndex index, int from, int to)
    {
        (_test, _end, _start, _word) = (null, to, from - Span, _bits.Length);
        _numbers.Clear();
        _broad.Clear();
        _cursorCount = 0;
        if (_selection.MatchesAll || from >= to)
        {
            _start = from >= to ? to : _start;
            return;
        }

        _selection.Resolve(index.Topics, segment?.Patterns, _numbers, _broad);
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

    /// <summary>Sets the bits of the next stretch that may hold something. False: there is none.</summary>
    private bool TryFill()
    {
        if (!_selection.MatchesAll && _test is null)
        {
            _start = Math.Clamp(NextPosting(), _start, _end); // Nothing else can be found: go straight there.
        }

        if (_start >= _end)
        {
            return false;
        }

        _word = 0;
        var stop = Math.Min(_start + Span, _end);
        if (_selection.MatchesAll)
        {
            SetAll(stop);
            return true;
        }

        for (var i = 0; i < _cursorCount; i++)
        {
            ref var cursor = ref _cursors[i];
            for (int ordinal; (ordinal = cursor.Current(_cells)) < stop; cursor.Advance(_cells))
            {
                Set(ordinal);
            }
        }

        for (var ordinal = _start; _test is not null && ordinal < stop; ordinal++)
        {
            if (_test(ordinal))
            {
                Set(ordinal);
            }
        }

        return true;
    }

    private int NextPosting()
    {
        var next = PostingCursor.End;
        for (var i = 0; i < _cursorCount; i++)
        {
            next = Math.Min(next, _cursors[i].Current(_cells));
        }

        return next;
    }

    private void SetAll(int stop)
    {
        var count = stop - _start;
        for (var word = 0; word < _bits.Length; word++)
        {
            var left = Math.Clamp(count - (word * 64), 0, 64);
            _bits[word] = left == 0 ? 0 : ulong.MaxValue >> (64 - left);
        }
    }

    private void Set(int ordinal) => _bits[(ordinal - _start) >> 6] |= 1UL << (ordinal - _start);
}
