namespace Spillway.History.Sealed;

/// <summary>
/// Counts distinct topics of many segments without keeping their names: of each the smallest hashes, all where there are few. The union of such sets is one again; how
/// closely its hashes lie together says how many names there are.
/// </summary>
internal static class TopicSketch
{
    /// <summary>Up to so many the count is exact; above, it is off by 3 % as a rule.</summary>
    public const int Size = 1_024;

    /// <summary>The smallest hashes of those given and of the topics from <paramref name="from"/> to before <paramref name="to"/>, ascending.</summary>
    public static ulong[] Extend(ulong[] known, TopicTable topics, int from, int to)
    {
        var union = new Union();
        Array.ForEach(known, hash => union.Add(hash));
        for (var number = from; number < to; number++)
        {
            union.Add(StableHash.Of(topics.NameOf(number), 0));
        }

        return union.ToArray();
    }

    /// <summary>How many distinct topics there are in all the sketches.</summary>
    public static long Count(IEnumerable<ulong[]> sketches)
    {
        var union = new Union();
        foreach (var sketch in sketches)
        {
            foreach (var hash in sketch)
            {
                if (!union.Add(hash))
                {
                    break; // They ascend.
                }
            }
        }

        var smallest = union.ToArray();
        return smallest.Length < Size ? smallest.Length : (long)((Size - 1) / (smallest[^1] / (double)ulong.MaxValue));
    }

    /// <summary>The smallest of many hashes.</summary>
    private sealed class Union
    {
        private readonly HashSet<ulong> _hashes = [];
        private ulong _limit = ulong.MaxValue;

        /// <summary>False: it is too large to be one of the smallest.</summary>
        public bool Add(ulong hash)
        {
            if (hash > _limit)
            {
                return false;
            }

            if (_hashes.Add(hash) && _hashes.Count == Size * 2)
            {
                var smallest = ToArray();
                _hashes.IntersectWith(smallest);
                _limit = smallest[^1];
            }

            return true;
        }

        public ulong[] ToArray() => [.. _hashes.Order().Take(Size)];
    }
}
