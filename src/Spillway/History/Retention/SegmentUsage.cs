namespace Spillway.History.Retention;

/// <summary>What a segment holds of each rule's records.</summary>
internal sealed class SegmentUsage(int rules)
{
    private readonly RuleUsage[] _rules = new RuleUsage[rules];

    public ref RuleUsage this[int rule] => ref _rules[rule];

    public static SegmentUsage Measure(ISegmentRecords records, RetentionRules rules)
    {
        var usage = new SegmentUsage(rules.Count);
        var index = records.Index;
        var count = index.Count; // Before all else: what follows is there up to it.
        var ruleOf = RecordRules.Find(records, count, rules);
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            ref var rule = ref usage[ruleOf[ordinal]];
            rule.Add(index.OffsetAt(ordinal), records.EndOf(ordinal) - records.StartOf(ordinal));
            if (records is Segment segment)
            {
                rule.AddTime(segment.TimeAt(ordinal));
            }
        }

        if (records is not Segment)
        {
            usage.MeasureTimes(index, rules);
        }

        return usage;
    }

    /// <summary>Adds a record.</summary>
    public void Add(int rule, long offset, long bytes, long time)
    {
        _rules[rule].Add(offset, bytes);
        _rules[rule].AddTime(time);
    }

    /// <summary>A sidecar knows the time of each topic's newest record, alternates included: later than the rule's at most. And that of its oldest record of all: earlier at most.</summary>
    private void MeasureTimes(SegmentIndex index, RetentionRules rules)
    {
        for (var number = 0; number < index.Topics.Count; number++)
        {
            ref var rule = ref _rules[rules.IndexFor(index.Topics.NameOf(number))];
            rule.NewestTime = Math.Max(rule.NewestTime, index.Topics[number].LastTime);
            rule.OldestTime = index.MinTime;
        }
    }
}
