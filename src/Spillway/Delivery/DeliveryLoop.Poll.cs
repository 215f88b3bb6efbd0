using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// Connections that are polls: they end with their first answer, at once where something is there, else with the next event, or when they have waited long enough. Their sink takes all that it is given.
/// </summary>
internal sealed partial class DeliveryLoop
{
    private readonly Dictionary<int, Poll> _polls = [];

    private Poll? PollOf(int connection, in HotConnection hot) => hot.Format == WireFormat.Poll ? _polls.GetValueOrDefault(connection) : null;

    private void AddPoll(int connection, ref HotConnection hot, Poll poll)
    {
        _polls.Add(connection, poll);
        hot.Wrote = (uint)_now; // The answer before it was written a moment ago: batch intervals count from here.
        _connections.Lifetime(connection) = _tick + Ticks(poll.Wait);
    }

    /// <summary>A poll begins, and what it is owed may wait for its batch interval: else every second answer would hold what came between two polls.</summary>
    private bool AwaitAsPoll(int connection, ref HotConnection hot)
    {
        var rules = _context.Rules.Current;
        if (hot.Format != WireFormat.Poll || _draining || (!rules.AnyBatch && (hot.Flags & ConnectionFlags.Batch) == 0)
            || !_gatherer.TryList(ref hot, _context.Window.Head, _pinnedTail, MostLookedAt, out var slots, out _))
        {
            return false;
        }

        _wheel.Ensure(connection);
        var interval = int.MaxValue;
        foreach (var slot in slots)
        {
            interval = Math.Min(interval, (int)Math.Ceiling(rules[_context.Window.Header(slot).Rule].Batch.GetValueOrDefault().TotalMilliseconds));
        }

        interval = Math.Max(interval, (hot.Flags & ConnectionFlags.Batch) != 0 ? _wheel[connection].Own : 0);
        return !slots.IsEmpty && TryWait(connection, ref hot, interval);
    }

    /// <summary>After a visit: the poll has its answer if anything was written and nothing more is there, or it has no more room or time.</summary>
    private void AnswerIfDue(int connection, ref HotConnection hot, Poll poll, in Run run)
    {
        if (hot.State != ConnectionState.Live)
        {
            return;
        }

        poll.Room = poll.Room.Without(run.Slots.Length, run.Bytes.Length);
        if (poll.IsFull)
        {
            poll.More = true;
            Close(connection, CloseReason.Answered);
        }
        else if (!run.More && ((hot.Flags & ConnectionFlags.Wrote) != 0 || poll.IsOver || poll.Wait == TimeSpan.Zero))
        {
            EndIfTopicsEnded(connection, ref hot);
            if (hot.State == ConnectionState.Live)
            {
                Close(connection, CloseReason.Answered);
            }
        }
    }

    /// <summary>After a page: true if the poll was answered. One that has waited long enough takes one page all the same, or it might never get on.</summary>
    private bool AnswerInReplay(int connection, ref HotConnection hot)
    {
        if (PollOf(connection, hot) is not ({ IsFull: true } or { IsOver: true }) || hot.State != ConnectionState.Replay)
        {
            return false;
        }

        _polls[connection].More = true;
        Close(connection, CloseReason.Answered);
        return true;
    }

    /// <summary>The time of a connection is over.</summary>
    private void EndLifetime(int connection, ref HotConnection hot)
    {
        if (PollOf(connection, hot) is not { } poll)
        {
            End(connection, ref hot, CloseReason.Lifetime);
            return;
        }

        poll.IsOver = true;
        if (hot.State == ConnectionState.Live)
        {
            Visit(connection, direct: true); // Answers it, unless there is more than goes into one write: that comes first.
        }

        if (hot.State == ConnectionState.Live && (hot.Flags & ConnectionFlags.Ahead) != 0)
        {
            Close(connection, CloseReason.Answered);
        }
    }

    /// <summary>Before a poll ends: from where the next one goes on.</summary>
    private void NotePosition(int connection, in HotConnection hot)
    {
        if (hot.State is ConnectionState.Live or ConnectionState.Replay && PollOf(connection, hot) is { } poll)
        {
            poll.Cursor = new Position(_context.Epoch, PassedOffset(hot));
        }
    }

    /// <summary>The offset up to which a connection has everything: nothing of its own lies between its last event and its slot. In replay, the page to come justifies that.</summary>
    private long PassedOffset(in HotConnection hot) =>
        hot.State == ConnectionState.Live && hot.Slot >= _pinnedTail ? Math.Max(hot.Offset, _context.Window.OffsetAt(hot.Slot)) : hot.Offset;
}
