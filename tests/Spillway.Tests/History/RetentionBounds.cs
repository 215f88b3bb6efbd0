using System.Text;
using Spillway.History;
using Spillway.History.Retention;

namespace Spillway.Tests.History;

/// <summary>What the rules promise, beside a list of the events that are there.</summary>
/// <param name="unclear">Events that may be gone for another reason.</param>
internal sealed class RetentionBounds(HistoryLimits limits, RandomRules rules, long now, List<ModelEvent> present, List<ModelEvent> unclear)
{
    private RetentionRules Rules => rules.Now;

    /// <summary>What is within its rule's bounds is there.</summary>
    /// <param name="all">All events ever. What was lost had its part of the quota as long as it was there.</param>
    public void CheckKept(IEnumerable<ModelEvent> all)
    {
        var there = present.Select(static one => one.Offset).ToHashSet();
        var ever = all.OrderByDescending(static one => one.Offset).ToList();
        var byRule = ever.GroupBy(RuleOf).ToDictionary(static rule => rule.Key, static rule => rule.ToList());
        var (allEvents, allBytes) = (ever.Count, ever.Sum(static one => (long)one.Record.Length));
        var (quotaEvents, quotaBytes) = Sum(byRule, rule => Rules[rule].HasQuota);
        foreach (var (rule, events) in byRule)
        {
            // Without a quota it shares what there is; with one of one kind, it may go where those with quotas alone are more than all that may be kept of the other.
            var bounds = Rules[rule];
            var (others, othersBytes) = bounds.HasQuota ? (quotaEvents, quotaBytes) : (allEvents, allBytes);
            if ((bounds.MaxEvents == RuleBounds.Unbounded && others > limits.MaxEvents) || (bounds.MaxBytes == RuleBounds.Unbounded && othersBytes > limits.MaxBytes))
            {
                continue;
            }

            var (count, bytes) = (0L, 0L);
            foreach (var one in events.TakeWhile(one => one.Time >= now - bounds.MaxMilliseconds))
            {
                (count, bytes) = (count + 1, bytes + one.Record.Length);
                if (count > bounds.MaxEvents || (bytes > bounds.MaxBytes && count > 1))
                {
                    break;
                }

                Assert.True(there.Contains(one.Offset) || unclear.Contains(one), $"{one.Offset} is within the bounds of {bounds}, and is gone.");
            }
        }
    }

    /// <summary>After the cleaner ran, what is beyond a bound is in the segment that is written, or less than is worth a segment's writing.</summary>
    public void CheckBounds((long Events, long Bytes) size)
    {
        var (slackEvents, slackBytes) = (0L, 0L);
        var largest = present.Count == 0 ? 0 : present.Max(static one => one.Record.Length);
        var active = (Events: limits.SegmentEvents + 60, Bytes: Math.Max(limits.SegmentBytes, 60L * largest)); // A batch is never divided.
        foreach (var rule in present.GroupBy(RuleOf))
        {
            var bounds = Rules[rule.Key];
            var slack = Math.Max(limits.SegmentMilliseconds, limits.Rules is null ? rules.MostSlack : bounds.SlackMilliseconds);
            var (events, bytes) = (rule.LongCount(), rule.Sum(static one => (long)one.Record.Length));
            var (mostEvents, mostBytes) = (Slack(bounds.MaxEvents, limits.SegmentEvents), Slack(bounds.MaxBytes, limits.SegmentBytes));
            var tooOld = rule.Where(one => one.Time < now - bounds.MaxMilliseconds - slack).ToList();
            if (bounds.Retains)
            {
                // What is not the newest of its key any more waits until it is a quarter of what is retained.
                var newest = RetainedCheck.Newest(rule);
                var (waiting, most) = (Bytes(rule.Except(newest)), bytes / 4);
                Assert.True(Bytes(tooOld.Except(newest)) <= most, $"{Bytes(tooOld.Except(newest))} bytes are too old for {bounds}.");
                Assert.True(bounds.MaxBytes == RuleBounds.Unbounded || waiting <= Math.Max(bounds.MaxBytes, active.Bytes) + mostBytes + largest + most, $"{waiting} bytes of {bounds}.");
                (slackEvents, slackBytes) = (slackEvents + events, slackBytes + Bytes(newest) + most);
            }
            else
            {
                Assert.True(bounds.MaxEvents == RuleBounds.Unbounded || events <= Math.Max(bounds.MaxEvents, active.Events) + mostEvents, $"{events} events of {bounds}.");
                Assert.True(bounds.MaxBytes == RuleBounds.Unbounded || bytes <= Math.Max(bounds.MaxBytes, active.Bytes) + mostBytes + largest, $"{bytes} bytes of {bounds}.");
                Assert.True(tooOld.Count == 0, $"{tooOld.Count} are too old for {bounds}.");
            }

            (slackEvents, slackBytes) = (slackEvents + (bounds.MaxEvents == RuleBounds.Unbounded ? 0 : mostEvents), slackBytes + (bounds.MaxBytes == RuleBounds.Unbounded ? 0 : mostBytes + largest));
        }

        var (all, allBytes) = size;
        Assert.Equal((present.Count, Bytes(present)), (all, allBytes));
        Assert.True(all <= limits.MaxEvents + slackEvents + active.Events, $"{all} events in all.");
        Assert.True(allBytes <= limits.MaxBytes + slackBytes + active.Bytes, $"{allBytes} bytes in all.");
    }

    private static long Bytes(IEnumerable<ModelEvent> events) => events.Sum(static one => (long)one.Record.Length);

    private static long Slack(long quota, long segment) => quota == RuleBounds.Unbounded ? 0 : Math.Max(quota / 8, segment / 16);

    private static (long Events, long Bytes) Sum(Dictionary<int, List<ModelEvent>> byRule, Func<int, bool> isOf)
    {
        var events = byRule.Where(rule => isOf(rule.Key)).SelectMany(static rule => rule.Value).ToList();
        return (events.Count, events.Sum(static one => (long)one.Record.Length));
    }

    private int RuleOf(ModelEvent one) => Rules.IndexFor(Encoding.UTF8.GetBytes(one.Names[0]));
}
