using System.Diagnostics;

namespace Spillway.History.Retention;

/// <summary>
/// Keeps every rule within its bounds, and all of them within the hub's: drops segments of which nothing stays, and makes those anew of which enough goes. On the keeper's
/// thread, one run at a time; it takes no lock that a publisher or a reader waits for.
/// </summary>
internal sealed class Cleaner(RetainedSegments retained, RetentionRules rules, HistoryLimits limits, ISegmentCleaner segments, HistoryMetrics metrics)
{
    private const int MostFailures = 2; // In one run: where there is no room for the one, there may be for a smaller one, which makes some.

    private readonly Dictionary<ISegment, SegmentUsage> _usages = [];
    private readonly RetentionReason[] _floorReasons = new RetentionReason[rules.Count];
    private readonly RetentionReason[] _evictNothing = new RetentionReason[rules.Count];
    private readonly long[] _floors = new long[rules.Count]; // They only rise.
    private int _failures;

    /// <summary>Is told of damage that turned up in records.</summary>
    public Action<HistoryGap> Damaged { get; set; } = static _ => { };

    /// <summary>Whether a run is to end early.</summary>
    public Func<bool> IsStopping { get; set; } = static () => false;

    /// <summary>A segment was sealed: measured while its index is in memory still.</summary>
    public void Sealed(Segment old, ISegment fresh) => _usages[fresh] = SegmentUsage.Measure(old, rules);

    /// <summary>Takes what is to go at a time in milliseconds since 1970.</summary>
    public void Run(long now)
    {
        var began = Stopwatch.GetTimestamp();
        _failures = 0;
        if (Measure() is { } measured)
        {
            var oldest = Oldest(now);
            RaiseFloors(measured, oldest);
            var verdict = new Verdict(_floors, _floorReasons, oldest, _evictNothing);
            Take(measured, _ => verdict);
            var evictions = new Eviction(rules, limits).Find(measured);
            Take(measured, segment => evictions.TryGetValue(segment, out var evicted) ? new Verdict(_floors, _floorReasons, oldest, evicted) : verdict);
            foreach (var run in new Joining(rules, limits, segments).Find(measured))
            {
                if (_failures < MostFailures && !IsStopping())
                {
                    Make(run, verdict);
                }
            }
        }

        metrics.Cleaned(began);
    }

    /// <summary>Null where something cannot be measured now.</summary>
    private List<MeasuredSegment>? Measure()
    {
        var view = retained.View;
        var measured = new List<MeasuredSegment>(view.Segments.Length);
        foreach (var segment in view.Segments)
        {
            var isClosed = segment != view.Segments[^1] && segments.CanClean(segment);
            if (!isClosed || !_usages.TryGetValue(segment, out var usage))
            {
                if (IsStopping() || segments.Open(segment) is not { } records)
                {
                    return null;
                }

                usage = SegmentUsage.Measure(records, rules);
            }

            measured.Add(new MeasuredSegment(segment, usage, isClosed));
        }

        _usages.Clear();
        measured.FindAll(static one => one.IsClosed).ForEach(one => _usages[one.Segment] = one.Usage);
        return measured;
    }

    private long[] Oldest(long now)
    {
        var oldest = new long[rules.Count];
        for (var rule = 0; rule < oldest.Length; rule++)
        {
            oldest[rule] = now - rules[rule].MaxMilliseconds;
        }

        return oldest;
    }

    private void RaiseFloors(List<MeasuredSegment> measured, long[] oldest)
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
    private void Take(List<MeasuredSegment> measured, Func<ISegment, Verdict> verdictOn)
    {
        for (var i = 0; i < measured.Count - 1 && _failures < MostFailures && !IsStopping();)
        {
            var (segment, usage, isClosed) = measured[i];
            var verdict = verdictOn(segment);
            if (!isClosed || (segment.Count > 0 && !Goes(usage, verdict.OfAny)))
            {
                i++;
            }
            else if (i == 0 && !Stays(usage, verdict))
            {
                Drop(segment, usage, verdict);
                measured.RemoveAt(0);
            }
            else
            {
                measured[i] = segment.Count > 0 && Make([segment], verdict) is { } cleaned ? cleaned : measured[i];
                i++;
            }
        }
    }

    private bool Goes(SegmentUsage usage, RuleVerdict verdict)
    {
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (verdict(rule, usage[rule]) != RetentionReason.None)
            {
                return true;
            }
        }

        return false;
    }

    private bool Stays(SegmentUsage usage, Verdict verdict)
    {
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (usage[rule].Events > 0 && verdict.OfAll(rule, usage[rule]) == RetentionReason.None)
            {
                return true;
            }
        }

        return false;
    }

    private void Drop(ISegment segment, SegmentUsage usage, Verdict verdict)
    {
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (usage[rule].Events > 0)
            {
                metrics.Dropped(usage[rule].Events, verdict.OfAll(rule, usage[rule]), rules[rule].Pattern);
            }
        }

        _usages.Remove(segment);
        retained.DropOldest(segment);
    }

    private MeasuredSegment? Make(IReadOnlyList<ISegment> old, Verdict verdict)
    {
        var survivors = new Survivors(rules, verdict);
        if (segments.TryMake(old, survivors) is not { } made)
        {
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

        var usage = SegmentUsage.Measure(made.Content, rules);
        foreach (var gone in old)
        {
            _usages.Remove(gone);
        }

        _usages[made.Segment] = usage;
        return new MeasuredSegment(made.Segment, usage, IsClosed: true);
    }

    private delegate RetentionReason RuleVerdict(int rule, in RuleUsage usage);
}
