using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Spillway.History.Retention;

/// <summary>
/// Keeps every rule within its bounds, and all of them within the hub's: drops segments of which nothing stays, and makes those anew of which enough goes. On the keeper's
/// thread, one run at a time; it takes no lock that a publisher or a reader waits for.
/// </summary>
internal sealed partial class Cleaner
{
    private const int FewKeys = 50_000;
    private const int KeysAMillisecond = 1_000;

    private readonly RetainedSegments _retained;
    private readonly HistoryLimits _limits;
    private readonly ISegmentCleaner _segments;
    private readonly HistoryMetrics _metrics;
    private readonly SegmentUsages _usages;
    private readonly KeyFollower _follower;
    private RetentionRules? _followed; // Those of the last look; null where whole segments go.
    private long[] _floors = []; // By rule. As long as the rules keep the same they only rise.
    private RetentionReason[] _floorReasons = [];
    private long _lookedAt;
    private long?[] _pendingSince = []; // By rule: since when newest events that were released wait to be taken.

    public Cleaner(RetainedSegments retained, HistoryLimits limits, ISegmentCleaner segments, HistoryMetrics metrics, ILogger logger)
    {
        (_retained, _limits, _segments, _metrics) = (retained, limits, segments, metrics);
        Keys = new RetainedKeys(limits, metrics, logger);
        _usages = new SegmentUsages(retained, segments);
        _follower = new KeyFollower(retained, segments, Keys);
    }

    public RetainedKeys Keys { get; }

    /// <summary>Is told of damage that turned up in records.</summary>
    public Action<HistoryGap> Damaged { get; set; } = static _ => { };

    /// <summary>The offset up to which everything outlives a loss of power.</summary>
    public Func<long> Synced { get; set; } = static () => 0;

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
        var isPart = false;
        if (Follow() is { } rules && !IsTooSoon(began))
        {
            // What is closed is synced before it is measured: then all of it is followed.
            if (_usages.TryMeasure(rules, IsStopping, out isPart) is { } measured && _follower.TryFollow(rules, Synced(), IsStopping, out isPart))
            {
                Take(rules, measured, now);
                _lookedAt = began;
            }

            _metrics.Cleaned(began);
        }

        return isPart;
    }

    /// <summary>Every look goes through all retained keys: with a million of them it waits a second after the last one, and what is sealed meanwhile waits for it no longer.</summary>
    private bool IsTooSoon(long now) => Keys.Count > FewKeys && Stopwatch.GetElapsedTime(_lookedAt, now).TotalMilliseconds < Keys.Count / KeysAMillisecond;

    /// <summary>Takes the rules that are in force. What is known of segments stays so if the events have the same rules as before.</summary>
    private RetentionRules? Follow()
    {
        var rules = _limits.Rules;
        if (rules == _followed)
        {
            return rules;
        }

        var isSame = rules?.KeepsAs(_followed) == true;
        if (rules?.DividesAs(_followed) != true || (rules.RetainAny && !isSame))
        {
            _usages.Clear();
            _follower.Begin(rules);
            _pendingSince = new long?[rules?.Count ?? 0];
        }

        if (!isSame)
        {
            (_floors, _floorReasons) = (new long[rules?.Count ?? 0], new RetentionReason[rules?.Count ?? 0]);
        }

        return _followed = rules;
    }

    private void Take(RetentionRules rules, List<MeasuredSegment> measured, long now)
    {
        (_failures, _hasDropped) = (0, false);
        if (rules.RetainAny)
        {
            Keys.Settle(now, measured);
        }

        var (oldest, due) = (Oldest(rules, now), FindDue(rules, measured, now));
        RaiseFloors(rules, measured, oldest);
        var verdict = new Verdict(_floors, _floorReasons, oldest, SlackOf(rules), new RetentionReason[rules.Count]);
        Take(rules, measured, due, _ => verdict);
        var evictions = new Eviction(rules, _limits).Find(measured);
        RaiseFloors(rules, evictions);
        Take(rules, measured, new bool[rules.Count], segment => evictions.TryGetValue(segment, out var evicted) ? verdict.With(evicted) : verdict);
        foreach (var run in new Joining(rules, _limits, _segments).Find(measured))
        {
            if (_failures < MostFailures && !IsStopping())
            {
                Make(rules, measured, run, verdict);
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
        var (slack, span) = (new long[rules.Count], _limits.SegmentSpan);
        for (var rule = 0; rule < slack.Length; rule++)
        {
            slack[rule] = Math.Max(rules[rule].SlackMilliseconds, span);
        }

        return slack;
    }

    private void RaiseFloors(RetentionRules rules, List<MeasuredSegment> measured, long[] oldest)
    {
        var quota = new Quota(rules, _limits, _segments);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (rules[rule].HasQuota && quota.FindFloor(measured, rule, oldest[rule]) is var (floor, reason) && floor > _floors[rule])
            {
                (_floors[rule], _floorReasons[rule]) = (floor, reason);
            }
        }
    }

    /// <summary>What went but for the newest of its keys stays beyond the bounds: it is not kept again when there happens to be room.</summary>
    private void RaiseFloors(RetentionRules rules, IReadOnlyDictionary<ISegment, RetentionReason[]> evictions)
    {
        foreach (var (segment, evicted) in evictions)
        {
            for (var rule = 0; rule < rules.Count; rule++)
            {
                if (rules[rule].Retains && evicted[rule] != RetentionReason.None && segment.LastOffset > _floors[rule])
                {
                    (_floors[rule], _floorReasons[rule]) = (segment.LastOffset, evicted[rule]);
                }
            }
        }
    }

    /// <summary>
    /// Says of which rules it is worth to take what was kept and is not the newest any more: where that is a quarter, or has waited for as long as a segment spans. So a segment
    /// of retained events is written anew for every quarter of it that was superseded, not for every event.
    /// </summary>
    private bool[] FindDue(RetentionRules rules, List<MeasuredSegment> measured, long now)
    {
        var due = new bool[rules.Count];
        for (var rule = 0; rule < due.Length; rule++)
        {
            var (pending, kept) = (measured.Sum(one => one.Usage[rule].PendingBytes), measured.Sum(one => one.Usage[rule].KeptBytes));
            _pendingSince[rule] = pending > 0 ? _pendingSince[rule] ?? now : null;
            due[rule] = pending > 0 && (pending * WorthIt >= kept || now - _pendingSince[rule] >= _limits.SegmentSpan);
        }

        return due;
    }
}
