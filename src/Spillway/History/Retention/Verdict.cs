namespace Spillway.History.Retention;

/// <summary>Which records of a segment retention takes.</summary>
/// <param name="floors">Per rule: what is at or under this offset has left its quota.</param>
/// <param name="floorReasons">Per rule: which of its quotas that was.</param>
/// <param name="oldest">Per rule: the least time that is kept.</param>
/// <param name="slack">Per rule: so much older it must be, in milliseconds, before it is worth that what is younger be written again.</param>
/// <param name="evicted">Per rule: why all of the segment's events go for the hub's bounds.</param>
internal sealed class Verdict(long[] floors, RetentionReason[] floorReasons, long[] oldest, long[] slack, RetentionReason[] evicted)
{
    /// <summary>The same for a segment of which some rules' events go for the hub's bounds.</summary>
    public Verdict With(RetentionReason[] evictions) => new(floors, floorReasons, oldest, slack, evictions);

    /// <summary>Why a record goes; <see cref="RetentionReason.None"/> where it stays.</summary>
    public RetentionReason Of(int rule, long offset, long time) =>
        offset <= floors[rule] ? floorReasons[rule] : time < oldest[rule] ? RetentionReason.Age : evicted[rule];

    /// <summary>Whether so much goes that it is worth writing the rest again.</summary>
    public bool TakesAny(SegmentUsage usage)
    {
        for (var rule = 0; rule < floors.Length; rule++)
        {
            var part = usage[rule];
            if (part.Events > 0 && (part.FirstOffset <= floors[rule] || part.OldestTime < oldest[rule] - slack[rule] || OfAll(rule, part) != RetentionReason.None))
            {
                return true;
            }
        }

        return false;
    }

    public bool TakesAll(SegmentUsage usage)
    {
        for (var rule = 0; rule < floors.Length; rule++)
        {
            if (usage[rule].Events > 0 && OfAll(rule, usage[rule]) == RetentionReason.None)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Why all of a rule goes.</summary>
    public RetentionReason OfAll(int rule, in RuleUsage usage) =>
        usage.LastOffset <= floors[rule] ? floorReasons[rule] : usage.NewestTime < oldest[rule] ? RetentionReason.Age : evicted[rule];
}
