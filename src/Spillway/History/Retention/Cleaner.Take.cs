namespace Spillway.History.Retention;

/// <summary>How what is to go is taken.</summary>
internal sealed partial class Cleaner
{
    private const int MostFailures = 2; // In one run: where there is no room for the one, there may be for a smaller one, which makes some.
    private const int WorthIt = 4;

    private int _failures;
    private bool _hasDropped; // In this run.

    /// <summary>Takes from all segments what the verdicts on them say, the oldest first.</summary>
    /// <param name="due">By rule: whether what was retained and is released is to go, too.</param>
    private void Take(RetentionRules rules, List<MeasuredSegment> measured, bool[] due, Func<ISegment, Verdict> verdictOn)
    {
        for (var i = 0; i < measured.Count - 1 && _failures < MostFailures && !IsStopping();)
        {
            var (segment, usage, isClosed) = measured[i];
            var verdict = verdictOn(segment);
            if (!isClosed || (segment.Count > 0 && !verdict.TakesAny(usage) && !usage.HasPending(due)))
            {
                i++;
            }
            else if (i == 0 && verdict.TakesAll(usage) && usage is { Retained: 0, KeptEvents: 0 })
            {
                Drop(rules, segment, usage, verdict);
                measured.RemoveAt(0);
            }
            else
            {
                measured[i] = segment.Count > 0 && Make(rules, measured, [segment], verdict) is { } cleaned ? cleaned : measured[i];
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
                _metrics.Dropped(usage[rule].Events, verdict.OfAll(rule, usage[rule]), rules[rule].Pattern);
            }
        }

        _usages.Forget(segment);
        _retained.DropOldest(segment);
        _hasDropped = true;
    }

    private MeasuredSegment? Make(RetentionRules rules, List<MeasuredSegment> measured, IReadOnlyList<ISegment> old, Verdict verdict)
    {
        var survivors = new Survivors(rules, verdict, Keys, FindClear(rules, measured, old[0]));
        if (_segments.TryMake(old, survivors) is not { } made)
        {
            if (survivors.AreAll)
            {
                return Note(old[0], survivors);
            }

            _failures++;
            return null;
        }

        foreach (var gap in made.Damage)
        {
            Damaged(gap); // Before it shows: what is not there any more is no matter of retention.
        }

        if (!_retained.TryClean(old, made.Segment))
        {
            _segments.GiveUp(made);
            _failures++;
            return null;
        }

        survivors.EndsGone.ForEach(end => _retained.Ended.Remove(end.Topic, end.Offset));
        _metrics.Rewritten(old.Count, made.Segment.Length);
        foreach (var ((rule, reason), events) in survivors.Gone)
        {
            _metrics.Dropped(events, reason, rules[rule].Pattern);
        }

        foreach (var gone in old)
        {
            _usages.Forget(gone);
        }

        return Note(made.Segment, survivors);
    }

    /// <summary>
    /// By rule: whether nothing before a segment waits to be taken, and all that was dropped is gone for good. Else what was the newest of its key must not go first: an older
    /// one would look like the newest, if only after a crash.
    /// </summary>
    private bool[] FindClear(RetentionRules rules, List<MeasuredSegment> measured, ISegment segment)
    {
        var clear = new bool[rules.Count];
        if (rules.RetainAny && _failures == 0 && !_hasDropped && !_segments.HasToDelete)
        {
            Array.Fill(clear, true);
            foreach (var before in measured.TakeWhile(one => one.Segment != segment))
            {
                for (var rule = 0; rule < clear.Length; rule++)
                {
                    clear[rule] &= before.Usage[rule].PendingBytes <= 0;
                }
            }
        }

        return clear;
    }

    private MeasuredSegment Note(ISegment segment, Survivors survivors)
    {
        survivors.Beyond.ForEach(Keys.NoteBeyond);
        _usages[segment] = survivors.Usage;
        return new MeasuredSegment(segment, survivors.Usage, IsClosed: true);
    }
}
