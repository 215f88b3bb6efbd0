using Spillway.Events;
using Spillway.History;

namespace Spillway.Delivery;

/// <summary>The snapshot that one reader served last, so that a connection's next page does not gather it again. One at a time, one per reader: bounded.</summary>
internal sealed class SnapshotCache
{
    private ReadOnlyMemory<byte> _records;
    private (DeliveryLoop? Loop, int Connection, int Generation) _owner;

    public HistoryPage Next(ReplayRequest request, IHistory history, int maxKeys, int maxBytes)
    {
        var owner = (request.Loop, request.Connection, request.Generation);
        if (_owner != owner)
        {
            _records = history.Snapshot(request.Selectors, request.SnapshotUpTo, maxKeys);
            _owner = owner;
        }

        var records = _records.Span;
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

        var page = new HistoryPage(request.From, to, _records[start..end], null);
        if (to == request.SnapshotUpTo)
        {
            _records = default;
            _owner = default;
        }

        return page;
    }
}
