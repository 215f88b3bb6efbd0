using Spillway.History.Storage;

namespace Spillway.History.Retention;

/// <summary>Cleans segments that are in memory and nowhere else.</summary>
internal sealed class MemoryCleaner(HistoryLimits limits) : ISegmentCleaner
{
    public bool CanClean(ISegment segment) => segment is Segment { IsSealed: true };

    public ISegmentRecords? Open(ISegment segment) => segment.Open(null);

    public CleanedSegment? TryMake(ISegment segment, Survivors take)
    {
        var old = (Segment)segment;
        var kept = take.Take(old.RecordsAfter(old.After).Span);
        var made = Segment.Load(new StoredSegment(old.After, kept, kept.Length, old.File, CanAppend: false, old.Damage) { CleanedUpTo = old.LastOffset }, limits);
        made.Seal();
        return new CleanedSegment(made, made, []);
    }

    public void GiveUp(CleanedSegment made)
    {
        // It is collected.
    }
}
