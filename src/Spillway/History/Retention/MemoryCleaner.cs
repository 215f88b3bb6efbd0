using Spillway.History.Storage;

namespace Spillway.History.Retention;

/// <summary>Cleans segments that are in memory and nowhere else.</summary>
internal sealed class MemoryCleaner(HistoryLimits limits) : ISegmentCleaner
{
    public bool HasToDelete => false;

    public bool CanClean(ISegment segment) => segment is Segment { IsSealed: true };

    public ISegmentRecords? Open(ISegment segment) => segment.Open(null);

    public bool CanJoin(ISegment first, ISegment next) => true;

    public CleanedSegment? TryMake(IReadOnlyList<ISegment> segments, Survivors take)
    {
        var first = (Segment)segments[0];
        byte[] kept = [.. segments.SelectMany(segment => take.Take(((Segment)segment).RecordsAfter(segment.After).Span))];
        take.AreAll = segments.Count == 1 && take.Gone.Count == 0;
        if (take.AreAll)
        {
            return null;
        }

        var made = Segment.Load(new StoredSegment(first.After, kept, kept.Length, first.File, CanAppend: false, []) { CleanedUpTo = segments[^1].LastOffset }, limits);
        made.Seal();
        return new CleanedSegment(made, made, []);
    }

    public void GiveUp(CleanedSegment made)
    {
        // It is collected.
    }
}
