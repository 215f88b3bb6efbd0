namespace Spillway.History.Retention;

/// <summary>
/// Finds what has to go so that all rules together are within the hub's bounds: the oldest segments' events of rules without a quota; only where that is not enough, those
/// of rules whose quota is of the other kind. The quotas of one kind are together no more than the hub's bound, so it suffices.
/// </summary>
internal sealed class Eviction(RetentionRules rules, HistoryLimits limits)
{
    private readonly Dictionary<ISegment, RetentionReason[]> _found = [];
    private long _events;
    private long _bytes;

    private bool HasTooManyEvents => _events > limits.MaxEvents;

    private bool HasTooManyBytes => _bytes > limits.MaxBytes;

    /// <summary>Per segment and rule why it goes.</summary>
    public IReadOnlyDictionary<ISegment, RetentionReason[]> Find(List<MeasuredSegment> measured)
    {
        (_events, _bytes) = (measured.Sum(static one => one.Segment.Count - one.Usage.KeptEvents), measured.Sum(static one => one.Segment.Length - one.Usage.KeptBytes));
        Find(measured, rule => !rules[rule].HasQuota);

        // What cannot go yet, because it is being written, is no reason for what has a quota to go.
        foreach (var one in measured)
        {
            Subtract(one, rule => !rules[rule].HasQuota);
        }

        Find(measured, rule => (HasTooManyBytes && rules[rule].MaxBytes == RuleBounds.Unbounded) || (HasTooManyEvents && rules[rule].MaxEvents == RuleBounds.Unbounded));
        return _found;
    }

    private void Subtract(MeasuredSegment one, Func<int, bool> isOf)
    {
        var evicted = _found.GetValueOrDefault(one.Segment);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (isOf(rule) && evicted?[rule] is null or RetentionReason.None)
            {
                (_events, _bytes) = (_events - one.Usage[rule].Events, _bytes - one.Usage[rule].Bytes);
            }
        }
    }

    private void Find(List<MeasuredSegment> measured, Func<int, bool> mayGo)
    {
        for (var i = 0; i < measured.Count - 1 && (HasTooManyBytes || HasTooManyEvents); i++)
        {
            if (measured[i].IsClosed)
            {
                Evict(measured[i], mayGo);
            }
        }
    }

    private void Evict(MeasuredSegment one, Func<int, bool> mayGo)
    {
        var reason = HasTooManyBytes ? RetentionReason.Bytes : RetentionReason.Events;
        var evicted = _found.GetValueOrDefault(one.Segment) ?? new RetentionReason[rules.Count];
        var (events, bytes) = (0L, 0L);
        for (var rule = 0; rule < rules.Count; rule++)
        {
            if (one.Usage[rule] is { Events: > 0 } usage && evicted[rule] == RetentionReason.None && mayGo(rule))
            {
                evicted[rule] = reason;
                (events, bytes) = (events + usage.Events, bytes + usage.Bytes);
            }
        }

        if (events > 0)
        {
            _found[one.Segment] = evicted;
            (_events, _bytes) = (_events - events, _bytes - bytes);
        }
    }
}
