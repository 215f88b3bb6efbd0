using System.Numerics;

namespace Spillway.History;

/// <summary>
/// Walks the selected records of a segment, or of an index whose segment is gone, in ascending order, each once. The postings of all selected topics are merged by
/// setting bits, 512 records at a time: cheaper than a heap, and an event with several selected topics is one bit.
/// </summary>
internal sealed class MatchWalk
{
    private readonly Selection _selection;
    private readonly MatchSource _source;
    private readonly Stretch _stretch = new();
    private readonly SharedSource[] _shared;
    private readonly VisibleSource[] _visible;
    private readonly ulong[] _bits = new ulong[Stretch.Words];
    private bool _isBroad; // Something is too broad for postings.
    private int _start;
    private int _end;
    private int _word;

    public MatchWalk(Selection selection)
    {
        _selection = selection;
        _source = new MatchSource(selection);
        var shared = selection.Visible.SelectMany(static one => one.Second is null ? [one.First] : (Selection[])[one.First, one.Second]).Distinct().ToDictionary(static one => one, one => new SharedSource(one, _stretch));
        _shared = [.. shared.Values];
        _visible = [.. selection.Visible.Select(one => new VisibleSource(shared[one.First], one.Second is null ? null : shared[one.Second], one.IsPrivate, _stretch))];
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

            _start = Math.Min(_start + Stretch.Span, _end);
            if (!TryFill())
            {
                return false;
            }
        }
    }

    private void Begin(ISegmentRecords? segment, SegmentIndex index, int from, int to)
    {
        Array.Clear(_bits); // A walk may be left before its end.
        (_isBroad, _end, _start, _word) = (false, to, from - Stretch.Span, _bits.Length);
        if (_selection.MatchesAll || from >= to)
        {
            _start = from >= to ? to : _start;
            return;
        }

        _source.Begin(segment, index, from, to);
        _isBroad = _source.IsBroad;
        _stretch.Begin(index);
        foreach (var one in _shared)
        {
            one.Begin(segment, index, from, to);
        }

        foreach (var one in _visible)
        {
            _isBroad |= one.IsBroad;
        }
    }

    /// <summary>Sets the bits of the next stretch that may hold something. False: there is none.</summary>
    private bool TryFill()
    {
        if (!_selection.MatchesAll && !_isBroad)
        {
            _start = Math.Clamp(Next(), _start, _end); // Nothing else can be found: go straight there.
        }

        if (_start >= _end)
        {
            return false;
        }

        _word = 0;
        _stretch.MoveTo(_start, Math.Min(_start + Stretch.Span, _end));
        if (_selection.MatchesAll)
        {
            for (var word = 0; word < _bits.Length; word++)
            {
                _bits[word] = _stretch.All(word);
            }

            return true;
        }

        _source.Set(_bits, _stretch.Start, _stretch.Stop);
        foreach (var one in _visible)
        {
            one.Set(_bits);
        }

        return true;
    }

    private int Next()
    {
        var next = _source.Next();
        foreach (var one in _visible)
        {
            next = Math.Min(next, one.Next());
        }

        return next;
    }
}
