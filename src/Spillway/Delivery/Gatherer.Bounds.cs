using Spillway.Events;

namespace Spillway.Delivery;

internal sealed partial class Gatherer
{
    /// <summary>The poll that the next gather is for, which bounds it; null: a stream.</summary>
    public Poll? Bounds { get; set; }

    private bool StopAtBound(RunBuffer buffer)
    {
        Bounds!.IsFull = true;
        buffer.MarkMore();
        return false;
    }

    private bool MatchesPattern(long slot, in Feed feed)
    {
        var record = new EventRecord(window.Record(slot));
        foreach (var strand in feed.StrandSpan)
        {
            if (strand != StrandTable.Overflow && (strands[strand].Flags & StrandFlags.Pattern) != 0
                && strands.PatternOf(strand).Matches(record))
            {
                return true;
            }
        }

        return false;
    }
}
