using Spillway.Events;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>The snapshot that one reader served last, so that a connection's next page does not gather it again. One at a time, one per reader: bounded.</summary>
internal sealed class SnapshotCache(IHistory history, LimitOptions limits)
{
    private HistoryPage? _snapshot;
    private (DeliveryLoop? Loop, int Connection, int Generation) _owner;

    /// <summary>The next page of a connection's snapshot. The first one says what a limit left out.</summary>
    public HistoryPage Next(ReplayRequest request, int maxBytes)
    {
        var owner = (request.Loop, request.Connection, request.Generation);
        if (_snapshot is null || _owner != owner)
        {
            _snapshot = history.Snapshot(request.Selectors, request.SnapshotUpTo, limits.SnapshotKeys, limits.SnapshotBytes);
            _owner = owner;
        }

        var snapshot = _snapshot;
        var gap = FindGap(snapshot, request.From);
        var (start, end) = Find(snapshot, request.From, gap?.From ?? long.MaxValue);
        if (gap is not null && start == end)
        {
            // The page begins with the gap, and ends before the next.
            var next = FindGap(snapshot, gap.To);
            (start, end) = Find(snapshot, gap.To, next?.From ?? long.MaxValue);
            return Cut(request, maxBytes, start, end, next?.From) with { Missing = gap with { From = request.From } };
        }

        return Cut(request, maxBytes, start, end, gap?.From);
    }

    private static HistoryGap? FindGap(HistoryPage snapshot, long after) =>
        snapshot.Missing is { } missing && missing.To > after ? missing : snapshot.Damage.FirstOrDefault(damage => damage.To > after);

    /// <summary>The records in (<paramref name="after"/>, <paramref name="upTo"/>].</summary>
    private static (int Start, int End) Find(HistoryPage snapshot, long after, long upTo)
    {
        var records = snapshot.Records.Span;
        var (start, end) = (0, 0);
        while (end < records.Length && EventRecord.OffsetOf(records[end..]) is var offset && offset <= upTo)
        {
            end += EventRecord.LengthAt(records[end..]);
            start = offset <= after ? end : start;
        }

        return (start, end);
    }

    /// <summary>As much of the records as goes into a page.</summary>
    /// <param name="before">Where the next gap begins; null: there is none.</param>
    private HistoryPage Cut(ReplayRequest request, int maxBytes, int start, int end, long? before)
    {
        var (snapshot, to) = (_snapshot!, before ?? request.SnapshotUpTo);
        var records = snapshot.Records.Span[start..end];
        for (var length = 0; length < records.Length; length += EventRecord.LengthAt(records[length..]))
        {
            if (length >= maxBytes)
            {
                to = EventRecord.OffsetOf(records[length..]) - 1; // The next page begins before this one.
                end = start + length;
                break;
            }
        }

        if (to == request.SnapshotUpTo)
        {
            (_snapshot, _owner) = (null, default);
        }

        return new HistoryPage(request.From, to, snapshot.Records[start..end], null);
    }
}
