namespace Spillway.History.Storage;

/// <summary>Which of the segments in a directory are the history's, and where each of them ends.</summary>
internal static class SegmentOrder
{
    /// <summary>Whether a segment is of the history or, up to where it branched off, of one that it is a branch of.</summary>
    public static bool IsOf(EpochChain chain, SegmentHeader header) => header.After < chain.LastOf(header.Epoch);

    /// <summary>
    /// Finds the offset above which what a segment holds is dead, of the newest first; one that begins there or above is dead as a whole. It ends where a later one begins, for that was
    /// made because this one had failed, and holds the same; so does one of the same number that was cleaned more often, without what retention took; a segment of an ancestor is earlier than all of a branch, whatever its number, and ends where they parted.
    /// </summary>
    public static List<(T Segment, long UpTo)> FindEnds<T>(EpochChain chain, IEnumerable<T> segments, Func<T, SegmentHeader> headerOf)
    {
        var found = new List<(T, long)>();
        var upTo = long.MaxValue;
        foreach (var segment in segments.OrderBy(segment => chain.AgeOf(headerOf(segment).Epoch)).ThenByDescending(segment => headerOf(segment).Number)
            .ThenByDescending(segment => headerOf(segment).Cleaned))
        {
            var header = headerOf(segment);
            var end = Math.Min(upTo, chain.LastOf(header.Epoch) ?? long.MaxValue);
            found.Add((segment, end));
            upTo = Math.Min(upTo, header.After);
        }

        return found;
    }

    /// <summary>
    /// The chain as segments tell it, where nothing else does: the epoch of the newest of them, and each one that it is a branch of as far as there are segments of it, whose end is where the
    /// branch begins. Older ones are forgotten: where a branch began whose first segment is gone, nobody knows.
    /// </summary>
    public static EpochChain ReadChain(IReadOnlyList<SegmentHeader> headers)
    {
        var newest = headers.MaxBy(static header => (header.After, header.Number));
        var ancestors = new List<Ancestor>();
        for (var (epoch, parent) = (newest.Epoch, newest.Parent); ancestors.Count < EpochChain.MaxAncestors;)
        {
            var (child, older) = (epoch, parent);
            if (older == 0 || older == newest.Epoch || ancestors.Exists(ancestor => ancestor.Epoch == older) || headers.FirstOrDefault(header => header.Epoch == older) is not { Epoch: > 0 } first)
            {
                break;
            }

            var last = headers.Where(header => header.Epoch == child).Min(static header => header.After);
            ancestors.Add(new Ancestor(older, ancestors is [.., var younger] ? Math.Min(younger.Last, last) : last));
            (epoch, parent) = (older, first.Parent);
        }

        return new EpochChain(newest.Epoch, ancestors);
    }
}
