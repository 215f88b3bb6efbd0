using System.Diagnostics;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// Events that wait, so that many are written at once: until a least interval has passed since the connection's last write of events. Any other visit takes along what waits, for there is one cursor.
/// </summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>So many waiting events are looked at; beyond, waiting would save nothing.</summary>
    private const int MostLookedAt = 1_024;

    /// <summary>How long ago a new connection's last write counts as: 24 days, more than any interval.</summary>
    private const uint LongAgo = int.MaxValue;

    private static readonly long BatchedShare = TurnTime / 13; // Lanes are served 8 to 4 to 1.

    private readonly BatchWheel _wheel;
    private readonly List<int> _batchedStrands = []; // To be spread; each once, because of its pending news.
    private long _spreadIn = -1; // The wheel's slot in which they were spread last.

    /// <summary>Connections that wait; may be read by any thread.</summary>
    public int Batching => _wheel.Count;

    private bool HasBatchedWork =>
        (_batchedStrands.Count > 0 && WheelNow != _spreadIn) || _wheel.IsDue(WheelNow);

    private long WheelNow => BatchWheel.SlotAt(_now);

    /// <summary>A deadline's tick, or until the wheel needs a turn.</summary>
    private TimeSpan LongestSleep()
    {
        var most = IsSlicing ? SliceEvery : TimeSpan.FromMilliseconds(TickMilliseconds);
        var next = Math.Min(_wheel.NextDue, _batchedStrands.Count > 0 ? _spreadIn + 1 : long.MaxValue);
        if (next == long.MaxValue)
        {
            return most;
        }

        var wait = Math.Ceiling((next * BatchWheel.SlotMilliseconds) - _context.Clock.GetElapsedTime(_started).TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Clamp(wait, 0, most.TotalMilliseconds));
    }

    /// <summary>
    /// Lets the subscribers of the strands that had batched news wait. At most once a slot: until then the strands' pending news stays, so that of a thousand events a second
    /// the loop hears a hundred times.
    /// </summary>
    private void SpreadBatched()
    {
        if (_batchedStrands.Count == 0 || WheelNow == _spreadIn)
        {
            return;
        }

        _spreadIn = WheelNow;
        foreach (var strand in _batchedStrands)
        {
            var news = _context.Strands.Batched.Take(Index, strand); // First, then the heads: an event that comes between is marked again.
            var subscribers = _feeds.Subscribers(strand);
            if (news == default || subscribers.IsEmpty)
            {
                continue;
            }

            var direct = !IsBroad(subscribers);
            foreach (var entry in subscribers)
            {
                if (!FeedTable.IsFeed(entry, out var feed))
                {
                    Await(entry, news, direct);
                    continue;
                }

                foreach (var connection in _feeds[feed].Members.Items)
                {
                    Await(connection, news, direct);
                }
            }
        }

        _batchedStrands.Clear();
    }

    /// <summary>There is batched news for a connection: it waits, or is visited if its interval has passed.</summary>
    private void Await(int connection, BatchedNews news, bool direct)
    {
        ref var hot = ref _connections[connection];
        if (hot.State != ConnectionState.Live || (hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Queued)) != 0)
        {
            return; // Visited when it can be, or soon.
        }

        _wheel.Ensure(connection);
        ref var state = ref _wheel[connection];
        var interval = (hot.Flags & ConnectionFlags.Batch) != 0 ? Math.Max(news.Interval, state.Own) : news.Interval;
        if ((hot.Flags & ConnectionFlags.Waiting) != 0)
        {
            state.Fill += news.Fill;
            if (state.Fill > BatchedNews.MostFill)
            {
                Counters.BatchesCutShort += _wheel.Hasten(connection, WheelNow) ? 1 : 0;
            }
            else
            {
                _wheel.Hasten(connection, DueAt(connection, hot, interval));
            }
        }
        else if (!TryWait(connection, ref hot, interval))
        {
            if (direct)
            {
                Queue(connection);
            }
            else
            {
                hot.Flags |= ConnectionFlags.Waiting; // For its turn: the wheel is the broad ones' queue.
                _wheel.Put(connection, WheelNow, long.MaxValue, WheelNow);
            }
        }
    }

    /// <summary>A connection with an interval of its own has news: true if it waits.</summary>
    private bool AwaitOwn(int connection)
    {
        ref var hot = ref _connections[connection];
        if (hot.State != ConnectionState.Live || (hot.Flags & (ConnectionFlags.Behind | ConnectionFlags.Queued | ConnectionFlags.Slow)) != 0)
        {
            return false;
        }

        ref var state = ref _wheel[connection];
        var isWaiting = (hot.Flags & ConnectionFlags.Waiting) != 0;
        if (isWaiting && state.LookedAt == WheelNow)
        {
            return true;
        }

        return TryWait(connection, ref hot, state.Own);
    }

    /// <summary>Looks at what a connection is owed, and puts it into the wheel, or makes it due earlier. False if it should be visited.</summary>
    private bool TryWait(int connection, ref HotConnection hot, int interval)
    {
        if ((uint)_now - hot.Wrote >= interval)
        {
            return false;
        }

        var head = _context.Window.Head;
        if (!_gatherer.TryList(ref hot, head, _pinnedTail, MostLookedAt, out var slots, out var fellOut) || fellOut || slots.IsEmpty)
        {
            return false; // What there is none of is not written either, and the visit knows then.
        }

        var rules = _context.Rules.Current; // Behind the head: see RuleBook.
        var (fill, expires) = (0, long.MaxValue);
        foreach (var slot in slots)
        {
            ref var header = ref _context.Window.Header(slot);
            var record = new EventRecord(_context.Window.Record(slot));
            fill += BatchedNews.FillOf(rules[header.Rule], record.Bytes.Length);
            expires = Math.Min(expires, header.Expires);
            if (record.Priority == EventPriority.Critical)
            {
                return false;
            }

            if (fill > BatchedNews.MostFill || expires - _gatherer.Now < BatchedNews.ShortestTtlMilliseconds)
            {
                Counters.BatchesCutShort++;
                return false;
            }
        }

        var due = DueAt(connection, hot, interval);
        if (expires < long.MaxValue)
        {
            due = Math.Min(due, BatchWheel.SlotAt(_now + ((expires - _gatherer.Now) / 2))); // Nothing expires because it waits.
        }

        if ((hot.Flags & ConnectionFlags.Waiting) == 0)
        {
            hot.Flags |= ConnectionFlags.Waiting;
            _wheel.Put(connection, due, slots[0], WheelNow);
        }
        else
        {
            _wheel.Hasten(connection, due);
        }

        ref var state = ref _wheel[connection];
        (state.Fill, state.LookedAt) = (fill, WheelNow);
        return true;
    }

    /// <summary>The wheel's slot before which an interval has passed since the last write, and up to an eighth of it more: else all subscribers of a topic would be written to at the same time for ever.</summary>
    private long DueAt(int connection, in HotConnection hot, int interval)
    {
        var spread = (interval * (long)((uint)connection * 0x9E3779B1u >> 25)) >> 10;
        return BatchWheel.SlotAt(_now - ((uint)_now - hot.Wrote) + interval + spread + BatchWheel.SlotMilliseconds - 1);
    }

    /// <summary>Nobody waits until the window has gone past what it is owed: half of the window's room is left for the visits.</summary>
    private void HastenOldest()
    {
        if (_wheel.Count == 0)
        {
            return;
        }

        var (oldest, head) = (_wheel.Oldest, _context.Window.Head);
        if (oldest < _pinnedTail || (oldest <= head && _context.Window.IsInOlderHalf(oldest, head)))
        {
            Counters.BatchesCutShort += _wheel.HastenOldest(Math.Max(_pinnedTail, oldest + ((head - oldest) / 2)));
        }
    }

    private void VisitBatched(long until)
    {
        for (var i = 0; _wheel.TryTake(WheelNow, out var connection); i++)
        {
            _connections[connection].Flags &= ~ConnectionFlags.Waiting;
            var waited = _wheel[connection].Since < long.MaxValue;
            var (writes, events) = (Counters.Sends, Counters.Delivered);
            Visit(connection, direct: false);
            if (waited)
            {
                Counters.BatchedWrites += Counters.Sends - writes;
                Counters.BatchedEvents += Counters.Delivered - events;
            }

            if ((i & 31) == 31 && Stopwatch.GetTimestamp() > until)
            {
                return;
            }
        }
    }

    /// <summary>A connection ends that may have been made to wait: all that it is owed goes first, not a visit's worth.</summary>
    private void WriteWaiting(int connection, ref HotConnection hot)
    {
        var (head, before) = (_context.Window.Head, -1L);
        while (hot.State == ConnectionState.Live && (hot.Flags & ConnectionFlags.Behind) == 0 && hot.Slot > before && hot.Slot < head)
        {
            before = hot.Slot;
            Visit(connection, direct: true);
        }
    }

    /// <summary>The connection is visited, or closed: it does not wait any longer. False if it is behind.</summary>
    private bool StopWaiting(int connection, ref HotConnection hot)
    {
        if ((hot.Flags & ConnectionFlags.Waiting) != 0)
        {
            hot.Flags &= ~ConnectionFlags.Waiting;
            _wheel.Remove(connection);
        }

        return (hot.Flags & ConnectionFlags.Behind) == 0;
    }
}
