using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>
/// Reads which events are the newest of their keys: at the start, and when rules change, back from the newest until all is read or there is room for no more; then what is synced since. Only what
/// is synced stands for an older event: the older one was promised to outlive a loss of power. A part at a time, like <see cref="SegmentUsages"/>. The keeper's.
/// </summary>
internal sealed class KeyFollower(RetainedSegments retained, ISegmentCleaner segments, RetainedKeys keys)
{
    private const int MostAtOnce = 20_000; // Records read one by one.

    private byte[] _bytes = new byte[4 * 1024];
    private bool _hasBegun;
    private long _from; // What is above is known up to the next.
    private long _upTo;
    private int _left;

    public void Begin(RetentionRules? rules)
    {
        _hasBegun = false;
        keys.Begin(rules);
    }

    /// <summary>Reads what is synced. False: not all of it; <paramref name="isPart"/> says whether it is to be asked again at once, or something cannot be read now.</summary>
    public bool TryFollow(RetentionRules rules, long synced, Func<bool> isStopping, out bool isPart)
    {
        isPart = false;
        if (!rules.RetainAny)
        {
            return true;
        }

        if (!_hasBegun)
        {
            (_hasBegun, _from, _upTo) = (true, synced, synced);
        }

        _left = MostAtOnce;
        var isRead = TryReadBack(rules, isStopping) && TryReadOn(rules, synced, isStopping);
        isPart = !isRead && _left <= 0;
        return isRead;
    }

    private bool TryReadBack(RetentionRules rules, Func<bool> isStopping)
    {
        if (_from < 0)
        {
            return true; // It was read.
        }

        var view = retained.View;
        while (_from > view.Tail && !keys.IsFull)
        {
            var segment = view.Segments[view.SegmentFor(_from - 1)];
            if (isStopping() || !TryReadBack(segment, rules))
            {
                return false;
            }

            _from = segment.After;
        }

        keys.EndOlder();
        _from = -1;
        return true;
    }

    private bool TryReadOn(RetentionRules rules, long synced, Func<bool> isStopping)
    {
        var view = retained.View;
        for (var i = view.SegmentFor(_upTo); i < view.Segments.Length && _upTo < synced; i++)
        {
            if (view.Segments[i].LastOffset > _upTo && (isStopping() || !TryReadOn(view.Segments[i], rules, synced)))
            {
                return false;
            }
        }

        _upTo = Math.Max(_upTo, synced);
        return true;
    }

    private bool TryReadBack(ISegment segment, RetentionRules rules)
    {
        if (Candidates.TryFind(segments, segment, rules, segment.After, _from) is not { } candidates)
        {
            return false;
        }

        for (var i = candidates.Ordinals.Count - 1; i >= 0; i--, _left--)
        {
            if (_left <= 0)
            {
                return false;
            }

            var (ordinal, rule) = candidates.Ordinals[i];
            if (TryRead(candidates.Records, ordinal, out var bytes))
            {
                var record = new EventRecord(bytes);
                if ((record.Flags & (EventFlags.Marker | EventFlags.Final)) == 0 && !retained.Ended.EndsAfter(record.Topic, record.Offset))
                {
                    keys.AddOlder(record, rule);
                }
            }

            _from = candidates.Records.Index.OffsetAt(ordinal) - 1;
        }

        return true;
    }

    private bool TryReadOn(ISegment segment, RetentionRules rules, long synced)
    {
        if (Candidates.TryFind(segments, segment, rules, _upTo, synced) is not { } candidates)
        {
            return false;
        }

        foreach (var (ordinal, rule) in candidates.Ordinals)
        {
            if (_left-- <= 0)
            {
                return false;
            }

            if (TryRead(candidates.Records, ordinal, out var bytes))
            {
                keys.Put(new EventRecord(bytes), rule);
            }

            _upTo = candidates.Records.Index.OffsetAt(ordinal);
        }

        return true;
    }

    private bool TryRead(ISegmentRecords records, int ordinal, out ReadOnlySpan<byte> bytes)
    {
        var length = records.EndOf(ordinal) - records.StartOf(ordinal);
        if (length > _bytes.Length)
        {
            _bytes = new byte[length];
        }

        bytes = _bytes.AsSpan(0, length);
        try
        {
            records.Read(ordinal, ordinal, _bytes.AsSpan(0, length));
            return true;
        }
        catch (Exception fault) when (fault is DamagedRecordsException or SegmentGoneException)
        {
            return false; // Nobody gets it any more.
        }
    }

    /// <summary>The records of a segment that may be the newest of their keys.</summary>
    private sealed record Candidates(ISegmentRecords Records, List<(int Ordinal, int Rule)> Ordinals)
    {
        /// <summary>Those in (<paramref name="after"/>, <paramref name="upTo"/>]; null: not now.</summary>
        public static Candidates? TryFind(ISegmentCleaner segments, ISegment segment, RetentionRules rules, long after, long upTo)
        {
            if (segments.Open(segment) is not { } records)
            {
                return null;
            }

            var index = records.Index;
            var count = index.Count;
            var (from, to) = (index.FirstAfter(after, count), index.FirstAfter(upTo, count));
            var found = new List<(int Ordinal, int Rule)>();
            var ruleOf = from < to ? RecordRules.Find(records, to, rules) : [];
            for (var ordinal = from; ordinal < to; ordinal++)
            {
                if (rules[ruleOf[ordinal]].Retains && (index.IsMarker(ordinal) || !records.IsSuperseded(ordinal, to)))
                {
                    found.Add((ordinal, ruleOf[ordinal]));
                }
            }

            return new Candidates(records, found);
        }
    }
}
