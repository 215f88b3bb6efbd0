namespace Spillway.History.Retention;

/// <summary>Which records of a segment retention takes.</summary>
/// <param name="floors">Per rule: what is at or under this offset has left its quota.</param>
/// <param name="floorReasons">Per rule: which of its quotas that was.</param>
/// <param name="oldest">Per rule: the least time that is kept.</param>
/// <param name="evicted">Per rule: why all of the segment's events go for the hub's bounds.</param>
internal sealed class Verdict(long[] floors, RetentionReason[] floorReasons, long[] oldest, RetentionReason[] evicted)
{
    /// <summary>Why a record goes; <see cref="RetentionReason.None"/> where it stays.</summary>
    public RetentionReason Of(int rule, long offset, long time) =>
        offset <= floors[rule] ? floorReasons[rule] : time < oldest[rule] ? RetentionReason.Age : evicted[rule];

    /// <summary>Why something of a rule goes.</summary>
    public RetentionReason OfAny(int rule, in RuleUsage usage) =>
        usage.Events == 0 ? RetentionReason.None : usage.FirstOffset <= floors[rule] ? floorReasons[rule] : OfAll(rule, usage);

    /// <summary>Why all of a rule goes.</summary>
    public RetentionReason OfAll(int rule, in RuleUsage usage) =>
        usage.LastOffset <= floors[rule] ? floorReasons[rule] : usage.NewestTime < oldest[rule] ? RetentionReason.Age : evicted[rule];
}
