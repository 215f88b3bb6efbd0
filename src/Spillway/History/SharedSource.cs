using System.Numerics;

namespace Spillway.History;

/// <summary>
/// The records that one matcher selects, found once for all patterns that it is a part of: the topics of a segment are asked once, a stretch's postings followed once, and where it is too broad for postings a record
/// is tested at most once, if somebody asks for it.
/// </summary>
internal sealed class SharedSource(Selection selection, Stretch stretch)
{
    private readonly MatchSource _source = new(selection);
    private readonly ulong[] _bits = new ulong[Stretch.Words];
    private readonly ulong[] _tested = new ulong[Stretch.Words];
    private int _at = -1; // The beginning of the stretch that the bits are of.
    private int? _next;

    /// <summary>Whether any record may be one: <see cref="Next"/> says nothing.</summary>
    public bool IsBroad => selection.MatchesAll || _source.IsBroad;

    public void Begin(ISegmentRecords? segment, SegmentIndex index, int from, int to)
    {
        (_at, _next) = (-1, null);
        if (!selection.MatchesAll)
        {
            _source.Begin(segment, index, from, to);
        }
    }

    /// <summary>No record before this one, and behind the stretches that were asked for, is selected.</summary>
    public int Next() => IsBroad ? 0 : _next ??= _source.Next();

    /// <summary>Those of a word's bits whose records are selected.</summary>
    public ulong Of(int word, ulong among)
    {
        if (selection.MatchesAll)
        {
            return among;
        }

        if (_at != stretch.Start)
        {
            (_at, _next) = (stretch.Start, null);
            Array.Clear(_bits);
            Array.Clear(_tested);
            _source.SetPosted(_bits, stretch.Start, stretch.Stop);
        }

        if (_source.IsBroad)
        {
            Test(word, among & ~_bits[word] & ~_tested[word]);
        }

        return _bits[word] & among;
    }

    private void Test(int word, ulong untested)
    {
        _tested[word] |= untested;
        for (; untested != 0; untested &= untested - 1)
        {
            var bit = BitOperations.TrailingZeroCount(untested);
            if (_source.Test(stretch.Start + (word * 64) + bit))
            {
                _bits[word] |= 1UL << bit;
            }
        }
    }
}
