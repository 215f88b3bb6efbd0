namespace Spillway.History.Retention;

/// <summary>
/// Finds cleaned segments that have become so small that many of them are better one: else a flood would leave an empty file for every segment of it, for as long as an
/// event before it is kept.
/// </summary>
internal sealed class Joining(RetentionRules rules, HistoryLimits limits, ISegmentCleaner segments)
{
    /// <summary>A sixteenth of what a segment may hold is small, and sixteen of them are joined: so a record is written once more each time its segment gets sixteen times larger.</summary>
    private const int Fewest = 16;

    /// <summary>So many of those between which too much time, or too many offsets, lie for more.</summary>
    private const int FewestOfATime = 4;

    private readonly List<ISegment> _run = [];
    private readonly List<IReadOnlyList<ISegment>> _found = [];
    private (long Bytes, long Events, long MinTime, long MaxTime, long Span) _sum;

    public IReadOnlyList<IReadOnlyList<ISegment>> Find(List<MeasuredSegment> measured)
    {
        foreach (var one in measured)
        {
            if (!IsSmall(one))
            {
                End(Fewest);
            }
            else if (!TryAdd(one))
            {
                End(FewestOfATime);
                TryAdd(one);
            }
            else if (_run.Count == Fewest)
            {
                End(Fewest);
            }
        }

        End(Fewest);
        return _found;
    }

    private bool IsSmall(MeasuredSegment one) => one.IsClosed && one.Segment.IsCleaned
        && one.Segment.Length <= limits.SegmentBytes / Fewest && one.Segment.Count <= limits.SegmentEvents / Fewest;

    private bool TryAdd(MeasuredSegment one)
    {
        var segment = one.Segment;
        if (_run.Count > 0 && (_run[^1].LastOffset != segment.After || !segments.CanJoin(_run[0], segment)))
        {
            return false; // What lies between is lost, which must stay known; or it is of another epoch.
        }

        var before = _run.Count > 0 ? _sum : (Bytes: 0L, Events: 0L, MinTime: long.MaxValue, MaxTime: long.MinValue, Span: long.MaxValue);
        var sum = (Bytes: before.Bytes + segment.Length, Events: before.Events + segment.Count, MinTime: Math.Min(before.MinTime, segment.MinTime),
            MaxTime: Math.Max(before.MaxTime, segment.MaxTime), Span: Math.Min(before.Span, LongestSpan(one)));
        var isTooLong = sum.Events > 0 && sum.MaxTime - sum.MinTime > sum.Span;
        if (_run.Count > 0 && (isTooLong || segment.LastOffset - _run[0].After > SegmentIndex.LargestSpan))
        {
            return false;
        }

        _sum = sum;
        _run.Add(segment);
        return true;
    }

    /// <summary>Of what a segment holds goes what is too old all at once: it must not span much of the time for which some rule keeps its events.</summary>
    private long LongestSpan(MeasuredSegment one)
    {
        var least = long.MaxValue;
        for (var rule = 0; rule < rules.Count; rule++)
        {
            least = one.Usage[rule].Events > 0 ? Math.Min(least, rules[rule].SlackMilliseconds) : least;
        }

        return Math.Max(limits.SegmentSpan, least);
    }

    private void End(int fewest)
    {
        if (_run.Count >= fewest)
        {
            _found.Add([.. _run]);
        }

        _run.Clear();
    }
}
