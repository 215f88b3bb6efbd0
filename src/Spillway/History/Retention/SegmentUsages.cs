namespace Spillway.History.Retention;

/// <summary>
/// What every segment holds of each rule: counted when it is sealed, or first looked at, and again when the rules divide events otherwise. The latter a few at a time: between
/// two looks the keeper does what else there is to do. The keeper's.
/// </summary>
internal sealed class SegmentUsages(RetainedSegments retained, ISegmentCleaner segments)
{
    private const int MostAtOnce = 16;

    private Dictionary<ISegment, SegmentUsage> _known = [];

    public SegmentUsage this[ISegment segment]
    {
        set => _known[segment] = value;
    }

    public void Forget(ISegment segment) => _known.Remove(segment);

    public void Clear() => _known.Clear();

    /// <summary>Counts what is not counted yet. Null: not all of that; <paramref name="isPart"/> says whether it is to be asked again at once, or something cannot be counted now.</summary>
    public List<MeasuredSegment>? TryMeasure(RetentionRules rules, Func<bool> isStopping, out bool isPart)
    {
        var view = retained.View;
        var measured = new List<MeasuredSegment>(view.Segments.Length);
        var counted = 0;
        isPart = false;
        foreach (var segment in view.Segments)
        {
            var isClosed = segment != view.Segments[^1] && segments.CanClean(segment);
            if (!isClosed || !_known.TryGetValue(segment, out var usage))
            {
                isPart = isClosed && counted++ == MostAtOnce;
                if (isPart || isStopping() || segments.Open(segment) is not { } records)
                {
                    return null;
                }

                usage = SegmentUsage.Measure(records, rules);
            }

            measured.Add(new MeasuredSegment(segment, usage, isClosed));
            if (isClosed)
            {
                _known[segment] = usage;
            }
        }

        _known = measured.FindAll(static one => one.IsClosed).ToDictionary(static one => one.Segment, static one => one.Usage);
        return measured;
    }
}
