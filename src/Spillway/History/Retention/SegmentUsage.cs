namespace Spillway.History.Retention;

/// <summary>What a segment holds of each rule's records.</summary>
internal sealed class SegmentUsage(int rules)
{
    private readonly RuleUsage[] _rules = new RuleUsage[rules];

    public ref RuleUsage this[int rule] => ref _rules[rule];

    /// <summary>Records that are the newest of their key, and retained.</summary>
    public int Retained { get; private set; }

    /// <summary>Records that are, or were, kept beyond all bounds for that.</summary>
    public long KeptEvents { get; private set; }

    public long KeptBytes { get; private set; }

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

    /// <summary>Adds a record that is beyond its rule's bounds and stays all the same.</summary>
    public void AddKept(int rule, long bytes, bool isNewest)
    {
        (KeptEvents, KeptBytes) = (KeptEvents + 1, KeptBytes + bytes);
        ref var usage = ref _rules[rule];
        (usage.KeptEvents, usage.KeptBytes) = (usage.KeptEvents + 1, usage.KeptBytes + bytes);
        usage.PendingBytes += isNewest ? 0 : bytes;
    }

    public void NoteRetained() => Retained++;

    /// <summary>Whether something of certain rules was kept, and waits to be taken.</summary>
    public bool HasPending(bool[] ofRules)
    {
        for (var rule = 0; rule < ofRules.Length; rule++)
        {
            if (ofRules[rule] && _rules[rule].PendingBytes > 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Begins to count what is retained.</summary>
    public void BeginRetained()
    {
        Retained = 0;
        foreach (ref var rule in _rules.AsSpan())
        {
            rule.PendingBytes = rule.KeptBytes;
        }
    }

    public void CountRetained(in RetainedValue value)
    {
        Retained++;
        _rules[value.Rule].PendingBytes -= value.IsBeyond ? value.Bytes : 0;
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
