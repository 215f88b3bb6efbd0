namespace Spillway.History;

/// <summary>The records that a pattern over more than topics selects: public ones of one selection, or private ones that two selections have in common.</summary>
internal sealed class VisibleSource(VisibleSelection selection, int span)
{
    private readonly MatchSource _first = new(selection.First);
    private readonly MatchSource? _second = selection.Second is null ? null : new MatchSource(selection.Second);
    private readonly ulong[] _bits = new ulong[span / 64];
    private readonly ulong[] _others = new ulong[span / 64];
    private SegmentIndex? _index;

    /// <summary>Whether any record may be one: <see cref="Next"/> says nothing.</summary>
    public bool IsBroad => _first.IsBroad && _second?.IsBroad != false;

    public void Begin(ISegmentRecords? segment, SegmentIndex index, int from, int to)
    {
        _index = index;
        _first.Begin(segment, index, from, to);
        _second?.Begin(segment, index, from, to);
    }

    /// <summary>No record before this one is selected.</summary>
    public int Next()
    {
        var first = _first.IsBroad ? 0 : _first.Next();
        return _second is null || _second.IsBroad ? first : Math.Max(first, _second.Next());
    }

    /// <summary>Sets the bits of its records from <paramref name="start"/> to before <paramref name="stop"/>; bit 0 is <paramref name="start"/>.</summary>
    public void Set(ulong[] bits, int start, int stop)
    {
        Array.Clear(_bits);
        _first.Set(_bits, start, stop);
        if (_second is not null)
        {
            Array.Clear(_others);
            _second.Set(_others, start, stop);
        }

        for (var word = 0; word < bits.Length; word++)
        {
            var left = _second is null ? _bits[word] : _bits[word] & _others[word];
            for (; left != 0; left &= left - 1)
            {
                var bit = System.Numerics.BitOperations.TrailingZeroCount(left);
                if (_index!.IsPrivate(start + (word * 64) + bit) == selection.IsPrivate)
                {
                    bits[word] |= 1UL << bit;
                }
            }
        }
    }
}
