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
        var records = snapshot.Records.Span;
        var (start, end, to) = (0, 0, request.SnapshotUpTo);
        while (end < records.Length)
        {
            var length = EventRecord.LengthAt(records[end..]);
            var offset = EventRecord.OffsetOf(records[end..]);
            if (offset <= request.From)
            {
                start = end + length;
            }
            else if (end - start >= maxBytes)
            {
                to = offset - 1; // The next page begins before this one.
                break;
            }

            end += length;
        }

        if (to == request.SnapshotUpTo)
        {
            (_snapshot, _owner) = (null, default);
        }

        var missing = snapshot.Missing is { } gap && gap.To > request.From ? gap with { From = request.From } : null;
        return new HistoryPage(request.From, to, snapshot.Records[start..end], missing);
    }
}
