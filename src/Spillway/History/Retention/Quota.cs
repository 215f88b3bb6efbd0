namespace Spillway.History.Retention;

/// <summary>Finds what has left a rule's quota.</summary>
internal sealed class Quota(RetentionRules rules, HistoryLimits limits, ISegmentCleaner segments)
{
    /// <summary>
    /// A quota is passed by an eighth, or by a sixteenth of a segment, before something goes: else every new event would have an old segment written again. So a segment is
    /// written sixteen times at most for a rule.
    /// </summary>
    private const int SlackOfQuota = 8;

    private const int SlackOfSegment = 16;

    /// <summary>The greatest offset of what is to go, and why; null where the quota is not passed far enough.</summary>
    /// <param name="oldest">What has a lesser time goes anyway.</param>
    public (long Floor, RetentionReason Reason)? FindFloor(List<MeasuredSegment> measured, int rule, long oldest)
    {
        var bounds = rules[rule];
        var (events, bytes) = (0L, 0L);
        foreach (var one in measured)
        {
            var usage = one.Usage[rule];
            if (!one.IsClosed || usage.NewestTime >= oldest)
            {
                (events, bytes) = (events + usage.Events, bytes + usage.Bytes);
            }
        }

        var isPassed = IsPassed(events, bounds.MaxEvents, limits.SegmentEvents) || IsPassed(bytes, bounds.MaxBytes, limits.SegmentBytes);
        return isPassed ? FindFloor(measured, rule) : null;
    }

    private static bool IsPassed(long used, long quota, long segment) => used - quota > Math.Max(quota / SlackOfQuota, segment / SlackOfSegment);

    /// <summary>Goes back from the newest event for as long as the quota lasts. The newest stays in any case.</summary>
    private (long Floor, RetentionReason Reason)? FindFloor(List<MeasuredSegment> measured, int rule)
    {
        var (events, bytes) = (rules[rule].MaxEvents, rules[rule].MaxBytes);
        var isFirst = true;
        for (var i = measured.Count - 1; i >= 0; i--)
        {
            var usage = measured[i].Usage[rule];
            if (usage.Events > 0 && (usage.Events > events || usage.Bytes > bytes))
            {
                return FindFloor(measured[i].Segment, rule, events, bytes, isFirst) ?? (usage.FirstOffset - 1, RetentionReason.QuotaBytes); // One event alone is more than the quota.
            }

            (events, bytes, isFirst) = (events - usage.Events, bytes - usage.Bytes, isFirst && usage.Events == 0);
        }

        return null;
    }

    private (long Floor, RetentionReason Reason)? FindFloor(ISegment segment, int rule, long events, long bytes, bool isFirst)
    {
        if (segments.Open(segment) is not { } records)
        {
            return (0, RetentionReason.None); // Not now.
        }

        var count = records.Index.Count;
        var ruleOf = RecordRules.Find(records, count, rules);
        for (var ordinal = count - 1; ordinal >= 0; ordinal--)
        {
            if (ruleOf[ordinal] != rule)
            {
                continue;
            }

            var length = records.EndOf(ordinal) - records.StartOf(ordinal);
            if (!isFirst && (events < 1 || length > bytes))
            {
                return (records.Index.OffsetAt(ordinal), events < 1 ? RetentionReason.QuotaEvents : RetentionReason.QuotaBytes);
            }

            (events, bytes, isFirst) = (events - 1, bytes - length, false);
        }

        return null;
    }
}
