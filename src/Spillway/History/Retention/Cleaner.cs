using System.Diagnostics;

namespace Spillway.History.Retention;

/// <summary>
/// Keeps every rule within its bounds, and all of them within the hub's: drops segments of which nothing stays, and makes those anew of which enough goes. On the keeper's
/// thread, one run at a time; it takes no lock that a publisher or a reader waits for.
/// </summary>
internal sealed class Cleaner(RetainedSegments retained, HistoryLimits limits, ISegmentCleaner segments, HistoryMetrics metrics)
{
    private const int MostFailures = 2; // In one run: where there is no room for the one, there may be for a smaller one, which makes some.

    private readonly SegmentUsages _usages = new(retained, segments);
    private RetentionRules? _followed; // Those of the last look; null where whole segments go.
    private long[] _floors = []; // By rule. As long as the rules keep the same they only rise.
    private RetentionReason[] _floorReasons = [];
    private int _failures;

    /// <summary>Is told of damage that turned up in records.</summary>
    public Action<HistoryGap> Damaged { get; set; } = static _ => { };

    /// <summary>Whether a run is to end early.</summary>
    public Func<bool> IsStopping { get; set; } = static () => false;

    /// <summary>A segment was sealed: measured while its index is in memory still.</summary>
    public void Sealed(Segment old, ISegment fresh)
    {
        if (_followed is { } rules)
        {
            _usages[fresh] = SegmentUsage.Measure(old, rules);
        }
    }

    /// <summary>Takes what is to go at a time in milliseconds since 1970, by the rules of now. True: it has only prepared for it, and is to be called again.</summary>
    public bool Run(long now)
    {
        var began = Stopwatch.GetTimestamp();
        _failures = 0;
        var isPart = false;
        if (Follow() is { } rules)
        {
            if (_usages.TryMeasure(rules, IsStopping, out isPart) is { } measured)
            {
                Take(rules, measured, now);
            }

            metrics.Cleaned(began);
        }

        return isPart;
    }

    /// <summary>Takes the rules that are in force. What is known of segments stays so if the events have the same rules as before.</summary>
    private RetentionRules? Follow()
    {
        var rules = limits.Rules;
        if (rules == _followed)
        {
            return rules;
        }

        if (rules?.DividesAs(_followed) != true)
        {
            _usages.Clear();
        }

        if (rules?.KeepsAs(_followed) != true)
        {
            (_floors, _floorReasons) = (new long[rules?.Count ?? 0], new RetentionReason[rules?.Count ?? 0]);
        }

        return _followed = rules;
    }

    private void Take(RetentionRules rules, List<MeasuredSegment> measured, long now)
    {
        var oldest = Oldest(rules, now);
        RaiseFloors(rules, measured, oldest);
        var verdict = new Verdict(_floors, _floorReasons, oldest, SlackOf(rules), new RetentionReason[rules.Count]);
        Take(rules, measured, _ => verdict);
        var evictions = new Eviction(rules, limits).Find(measured);
        Take(rules, measured, segment => evictions.TryGetValue(segment, out var evicted) ? verdict.With(evicted) : verdict);
        foreach (var run in new Joining(rules, limits, segments).Find(measured))
        {
            if (_failures < MostFailures && !IsStopping())
            {
                Make(rules, run, verdict);
            }
        }
    }

    private static long[] Oldest(RetentionRules rules, long now)
    {
        var oldest = new long[rules.Count];
        for (var rule = 0; rule < oldest.Length; rule++)
        {
            oldest[rule] = now - rules[rule].MaxMilliseconds;
        }

        return oldest;
    }

    private long[] SlackOf(RetentionRules rules)
    {
        var (slack, span) = (new long[rules.Count], limits.SegmentSpan);
        for (var rule = 0; rule < slack.Length; rule++)
        {
            slack[rule] = Math.Max(rules[rule].SlackMilliseconds, span);
        }

        return slack;
    }

    private void RaiseFloors(RetentionRules rules, List<MeasuredSegment> measured, long[] oldest)
    {
        var quota = new Quota(rules, limits, segments);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (rules[rule].HasQuota && quota.FindFloor(measured, rule, oldest[rule]) is var (floor, reason) && floor > _floors[rule])
            {
                (_floors[rule], _floorReasons[rule]) = (floor, reason);
            }
        }
    }

    /// <summary>Takes from all segments what the verdicts on them say, the oldest first.</summary>
    private void Take(RetentionRules rules, List<MeasuredSegment> measured, Func<ISegment, Verdict> verdictOn)
    {
        for (var i = 0; i < measured.Count - 1 && _failures < MostFailures && !IsStopping();)
        {
            var (segment, usage, isClosed) = measured[i];
            var verdict = verdictOn(segment);
            if (!isClosed || (segment.Count > 0 && !verdict.TakesAny(usage)))
            {
                i++;
            }
            else if (i == 0 && verdict.TakesAll(usage))
            {
                Drop(rules, segment, usage, verdict);
                measured.RemoveAt(0);
            }
            else
            {
                measured[i] = segment.Count > 0 && Make(rules, [segment], verdict) is { } cleaned ? cleaned : measured[i];
                i++;
            }
        }
    }

    private void Drop(RetentionRules rules, ISegment segment, SegmentUsage usage, Verdict verdict)
    {
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (usage[rule].Events > 0)
            {
                metrics.Dropped(usage[rule].Events, verdict.OfAll(rule, usage[rule]), rules[rule].Pattern);
            }
        }

        _usages.Forget(segment);
        retained.DropOldest(segment);
    }

    private MeasuredSegment? Make(RetentionRules rules, IReadOnlyList<ISegment> old, Verdict verdict)
    {
        var survivors = new Survivors(rules, verdict);
        if (segments.TryMake(old, survivors) is not { } made)
        {
            if (survivors.AreAll)
            {
                return Note(old[0], survivors.Usage);
            }

            _failures++;
            return null;
        }

        foreach (var gap in made.Damage)
        {
            Damaged(gap); // Before it shows: what is not there any more is no matter of retention.
        }

        if (!retained.TryClean(old, made.Segment))
        {
            segments.GiveUp(made);
            return null;
        }

        survivors.EndsGone.ForEach(end => retained.Ended.Remove(end.Topic, end.Offset));
        metrics.Rewritten(old.Count, made.Segment.Length);
        foreach (var ((rule, reason), events) in survivors.Gone)
        {
            metrics.Dropped(events, reason, rules[rule].Pattern);
        }

        foreach (var gone in old)
        {
            _usages.Forget(gone);
        }

        return Note(made.Segment, survivors.Usage);
    }

    private MeasuredSegment Note(ISegment segment, SegmentUsage usage)
    {
        _usages[segment] = usage;
        return new MeasuredSegment(segment, usage, IsClosed: true);
    }
}
