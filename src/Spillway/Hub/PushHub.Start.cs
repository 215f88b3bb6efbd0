using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>Where subscriptions begin, and what the window begins with.</summary>
internal sealed partial class PushHub
{
    private bool _saidAhead;

    private HubStart FindStart(SubscriptionRequest request, ResolvedStrands resolved)
    {
        var start = request.Start switch
        {
            StartKind.Now => new HubStart(At(resolved.HeadOffset), Live: true),
            StartKind.Cursor => FromCursor(request.Cursors ?? Cursors, request.Cursor, resolved),
            StartKind.Earliest => From(_history.Tail, resolved),
            StartKind.Since => From(_history.FindSince(request.Since), resolved),
            StartKind.Last => From(_history.FindLast(request.Selectors, request.Last), resolved),
            StartKind.Snapshot when resolved.HeadOffset <= _history.Tail => new HubStart(At(resolved.HeadOffset), Live: true),
            _ => new HubStart(At(_history.Tail), Live: false, SnapshotUpTo: resolved.HeadOffset),
        };
        var nothing = resolved.AllEnded && start.Lost is null && (start.Live || !_history.HasAny(request.Selectors, start.Resume.Offset));
        return start with { NothingFollows = nothing };
    }

    private HubStart FromCursor(CursorCodec cursors, string cursor, ResolvedStrands resolved)
    {
        var position = cursors.Read(cursor);
        if (_history.TryFind(position, out var offset))
        {
            if (position.Epoch == _history.Epoch && offset >= _history.NextOffset && _history.IsDurable && Interlocked.Exchange(ref _saidAhead, true) == false)
            {
                CursorAhead(_logger, position, _options.History.Data); // Or a publisher that was answered before its event was written: that is over in a moment.
            }

            return From(offset, resolved);
        }

        // Replay what is not known to be seen, and say that what followed the cursor is not here.
        return From(offset, resolved) with { Lost = new Gap(default, At(offset), GapReason.Lost, null, cursor) };
    }

    private HubStart From(long offset, ResolvedStrands resolved) => new(At(offset), Live: offset == resolved.HeadOffset);

    private Position At(long offset) => new(_history.Epoch, offset);

    /// <summary>The offset after which history's newest events fit in the window with room to spare.</summary>
    private long FindWarmStart()
    {
        var start = _history.FindLast(SelectorSet.Everything, _options.Delivery.WindowEvents / 2);
        var (events, bytes) = _history.Size;
        var average = Math.Max(1, bytes / Math.Max(1, events));
        var fitting = (int)Math.Clamp(_options.Delivery.WindowBytes / 2 / average, 1, _options.Delivery.WindowEvents / 2);
        return Math.Max(start, _history.FindLast(SelectorSet.Everything, fitting));
    }

    /// <summary>
    /// Reads what the window begins with, so that a restart does not turn every resume into reading. It begins behind the last gap: what the window holds it holds whole, and
    /// only who reads history is told what is missing.
    /// </summary>
    private (long Birth, List<ReadOnlyMemory<byte>> Pages) ReadNewest()
    {
        var birth = FindWarmStart();
        var pages = new List<ReadOnlyMemory<byte>>();
        for (var after = birth; after < _history.Head;)
        {
            var page = _history.Read(SelectorSet.Everything, after, _history.Head, 1024 * 1024);
            if (page.Missing is { } gap)
            {
                pages.Clear();
                birth = gap.To;
            }

            if (page.To > birth)
            {
                pages.Add(page.Records);
            }

            after = page.To;
        }

        return (birth, pages);
    }
}
