namespace Spillway.History;

/// <summary>The stretch of a segment's records that a walk has come to, and which of them are private: looked up once for all who ask.</summary>
internal sealed class Stretch
{
    /// <summary>Records of a stretch, at most: a bit each, in words of 64.</summary>
    public const int Span = 512;

    /// <summary>Words of a stretch.</summary>
    public const int Words = Span / 64;

    private readonly ulong[] _private = new ulong[Words];
    private uint _known; // Words of _private that are right, a bit each.
    private SegmentIndex? _index;

    /// <summary>The number of its first record, which bit 0 of word 0 stands for. Of a walk no two stretches begin with the same.</summary>
    public int Start { get; private set; }

    /// <summary>The number behind its last record.</summary>
    public int Stop { get; private set; }

    public void Begin(SegmentIndex index) => (_index, _known) = (index, 0);

    public void MoveTo(int start, int stop) => (Start, Stop, _known) = (start, stop, 0);

    /// <summary>The bits of a word that stand for records.</summary>
    public ulong All(int word) => Math.Clamp(Stop - Start - (word * 64), 0, 64) is var left and > 0 ? ulong.MaxValue >> (64 - left) : 0;

    /// <summary>The bits of a word whose records are private, or public.</summary>
    public ulong Visible(int word, bool isPrivate)
    {
        if ((_known & (1u << word)) == 0)
        {
            _known |= 1u << word;
            var bits = 0ul;
            for (var (bit, first) = (0, Start + (word * 64)); bit < 64 && first + bit < Stop; bit++)
            {
                bits |= _index!.IsPrivate(first + bit) ? 1UL << bit : 0;
            }

            _private[word] = bits;
        }

        return isPrivate ? _private[word] : ~_private[word];
    }
}
