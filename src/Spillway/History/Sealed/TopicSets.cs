namespace Spillway.History.Sealed;

/// <summary>Which topics of a sealed segment the last few broad patterns match, and which topics each record has: so a broad pattern is tested without reading records.</summary>
internal sealed class TopicSets(SegmentIndex index)
{
    private const int Size = 4;

    private readonly Lock _lock = new();
    private readonly (string Pattern, ulong[] Bits)?[] _sets = new (string, ulong[])?[Size];
    private int[]? _starts; // Per record: where its topics begin in _topics. Made when it is first wanted.
    private int[] _topics = [];
    private int _turn;

    public long Bytes { get; private set; }

    /// <summary>Says of records whether one of the patterns matches a topic of theirs.</summary>
    public Func<int, bool> Tester(IReadOnlyList<PrefixedPattern> patterns, out bool hasGrown)
    {
        ulong[] bits;
        int[] starts;
        lock (_lock)
        {
            var before = Bytes;
            bits = SetLocked(patterns[0]);
            for (var i = 1; i < patterns.Count; i++)
            {
                bits = Join(bits, SetLocked(patterns[i]));
            }

            starts = _starts ?? InvertLocked();
            hasGrown = Bytes != before;
        }

        var topics = _topics;
        return ordinal =>
        {
            for (var at = starts[ordinal]; at < starts[ordinal + 1]; at++)
            {
                if ((bits[topics[at] >> 6] & (1UL << topics[at])) != 0)
                {
                    return true;
                }
            }

            return false;
        };
    }

    private static ulong[] Join(ulong[] bits, ulong[] others)
    {
        var joined = new ulong[bits.Length];
        for (var i = 0; i < joined.Length; i++)
        {
            joined[i] = bits[i] | others[i];
        }

        return joined;
    }

    private ulong[] SetLocked(PrefixedPattern pattern)
    {
        if (Array.Find(_sets, set => set?.Pattern == pattern.Name) is { } known)
        {
            return known.Bits;
        }

        var bits = new ulong[(index.Topics.Count + 63) / 64];
        var matches = new List<int>();
        pattern.AddMatches(index.Topics, 0, index.Topics.Count, int.MaxValue - 1, matches);
        foreach (var number in matches)
        {
            bits[number >> 6] |= 1UL << number;
        }

        var place = _turn++ % Size;
        Bytes += (bits.Length - (_sets[place]?.Bits.Length ?? 0)) * (long)sizeof(ulong);
        _sets[place] = (pattern.Name, bits);
        return bits;
    }

    private int[] InvertLocked()
    {
        var starts = new int[index.Count + 1];
        var cells = index.Postings.Cells;
        for (var number = 0; number < index.Topics.Count; number++)
        {
            for (var cursor = new PostingCursor(index.Topics[number].FirstSlice); cursor.Current(cells) is var ordinal and not PostingCursor.End; cursor.Advance(cells))
            {
                starts[ordinal + 1]++;
            }
        }

        for (var ordinal = 1; ordinal < starts.Length; ordinal++)
        {
            starts[ordinal] += starts[ordinal - 1];
        }

        var topics = new int[starts[^1]];
        var next = starts.AsSpan(0, index.Count).ToArray();
        for (var number = 0; number < index.Topics.Count; number++)
        {
            for (var cursor = new PostingCursor(index.Topics[number].FirstSlice); cursor.Current(cells) is var ordinal and not PostingCursor.End; cursor.Advance(cells))
            {
                topics[next[ordinal]++] = number;
            }
        }

        (_topics, _starts) = (topics, starts);
        Bytes += (topics.Length + starts.Length) * (long)sizeof(int);
        return starts;
    }
}
