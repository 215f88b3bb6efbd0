using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What a slow connection gives up, and how it is told.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>A slow connection's backlog is judged again after this many events of the hub.</summary>
    private const int JudgeEvery = 64;

    private readonly Dictionary<int, (long Slot, long Offset)> _toldExpired = []; // Up to where: of connections that may not have passed it.
    private readonly Dictionary<int, DropPlan> _plans = []; // Only of slow connections that have not caught up.

    /// <summary>
    /// Applies the overflow policies to a slow connection: finds which of its backlog it must skip, and tells that before its cursor passes any of it.
    /// Returns the plan in force.
    /// </summary>
    private DropPlan? Judge(int connection, ref HotConnection hot, long head)
    {
        if ((hot.Flags & ConnectionFlags.Slow) == 0 || !_context.Rules.Current.AnyDrops)
        {
            return null;
        }

        if (!_plans.TryGetValue(connection, out var plan))
        {
            _plans[connection] = plan = new DropPlan();
        }
        else if (head - plan.JudgedAt < JudgeEvery)
        {
            return plan; // Walking the backlog at every write would cost more than the writes.
        }

        plan.JudgedAt = head;
        _gatherer.TryList(ref hot, head, _pinnedTail, int.MaxValue, out var slots, out var fellOut);
        if (fellOut && !IsPureDropOldest(hot))
        {
            return plan; // Replay tells what history cannot give.
        }

        var toldExpired = _toldExpired.GetValueOrDefault(connection).Slot;
        var dropped = PlanDrops(slots, plan, toldExpired, out var last, out var firstKept, out var toldBefore);
        if (!fellOut && dropped == 0)
        {
            return plan;
        }

        long? count = dropped;
        if (fellOut)
        {
            count = CountEvicted(ref hot, slots.Length - toldBefore, head) is { } evicted ? evicted + dropped : null;
            last = Math.Max(last, slots.IsEmpty ? head : slots[0] - 1);
        }

        var to = _context.Window.OffsetAt(last);
        if (fellOut)
        {
            hot.Slot = Math.Max(hot.Slot, slots.IsEmpty ? head : slots[0] - 1);
            SetPassed(ref hot);
            hot.Passed += (uint)toldBefore; // Ahead of the slot, and told.
        }

        hot.Passed += (uint)dropped;
        hot.Slot = firstKept == long.MaxValue ? hot.Slot : Math.Max(hot.Slot, firstKept - 1); // All before it is dropped, and told below.
        Tell(connection, ref hot, GapReason.Overflow, to, count);
        if (hot.State != ConnectionState.Free && hot.Slot >= _pinnedTail - 1)
        {
            hot.Offset = Math.Max(hot.Offset, _context.Window.OffsetAt(hot.Slot)); // Told: a replay must not bring it all the same.
        }

        return plan;
    }

    /// <summary>Counts from the newest event down what each rule's window keeps; the older ones are dropped.</summary>
    private int PlanDrops(ReadOnlySpan<long> slots, DropPlan plan, long toldExpired, out long last, out long firstKept, out int toldBefore)
    {
        var rules = _context.Rules.Current; // Behind the head: see RuleBook.
        Span<int> events = stackalloc int[TopicRules.MaxRules];
        Span<long> bytes = stackalloc long[TopicRules.MaxRules];
        Span<long> told = stackalloc long[TopicRules.MaxRules];
        events.Clear();
        bytes.Clear();
        for (var i = 0; i < TopicRules.MaxRules; i++)
        {
            told[i] = plan.UpTo((byte)i);
        }

        var dropped = 0;
        last = 0;
        toldBefore = 0;
        firstKept = long.MaxValue;
        for (var i = slots.Length - 1; i >= 0; i--)
        {
            ref var header = ref _context.Window.Header(slots[i]);
            var rule = rules[header.Rule];
            if (slots[i] <= toldExpired && header.Expires < _gatherer.Now)
            {
                toldBefore++;
                continue;
            }

            if (rule.EffectiveOverflow != OverflowPolicy.DropOldest || header.IsKept || slots[i] <= told[header.Rule])
            {
                var isTold = !header.IsKept && slots[i] <= told[header.Rule];
                toldBefore += isTold ? 1 : 0;
                firstKept = isTold ? firstKept : slots[i];
                continue;
            }

            events[header.Rule]++;
            bytes[header.Rule] += _context.Window.Record(slots[i]).Length;
            if (events[header.Rule] > rule.BacklogEvents || bytes[header.Rule] > rule.BacklogBytes)
            {
                plan.Raise(header.Rule, slots[i], header.Offset);
                last = Math.Max(last, slots[i]);
                dropped++;
            }
            else
            {
                firstKept = slots[i];
            }
        }

        return dropped;
    }

    /// <summary>Whether all that left the window may be given up: else history has what must not be.</summary>
    private bool IsPureDropOldest(in HotConnection hot)
    {
        ref var feed = ref _feeds[hot.Feed];
        if (!feed.ExactOnly)
        {
            return false;
        }

        var rules = _context.Rules.Current;
        foreach (var strand in feed.StrandSpan)
        {
            if (_context.Strands.RuleOf(strand, rules)?.EffectiveOverflow != OverflowPolicy.DropOldest || Volatile.Read(ref _context.Strands[strand].LastKept) > hot.Slot)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How many events of the feed left the window since the connection's slot; null if its strands share events, or it is not known.</summary>
    private long? CountEvicted(ref HotConnection hot, int inWindow, long head)
    {
        if (!TrySumAt(hot.Feed, head, out var sum, out var shared) || (hot.Flags & ConnectionFlags.Counted) == 0
            || (shared != hot.Shared && _feeds[hot.Feed].Count > 1))
        {
            return null;
        }

        return (uint)(sum - hot.Passed) - inWindow;
    }

    private void SetPassed(ref HotConnection hot)
    {
        if (_context.Rules.Current is { AnyDrops: false, AnyEphemeral: false })
        {
            return;
        }

        var known = TrySumAt(hot.Feed, hot.Slot, out hot.Passed, out hot.Shared) && (hot.Shared == 0 || _feeds[hot.Feed].Count == 1 || !HasMoved(hot));
        hot.Flags = known ? hot.Flags | ConnectionFlags.Counted : hot.Flags & ~ConnectionFlags.Counted;
    }

    /// <summary>Whether strands have events behind the slot: then how many are shared at the slot itself is not known.</summary>
    private bool HasMoved(in HotConnection hot)
    {
        foreach (var strand in _feeds[hot.Feed].StrandSpan)
        {
            if (Volatile.Read(ref _context.Strands.Head(strand).Slot) > hot.Slot)
            {
                return true;
            }
        }

        return false;
    }

    private bool TrySumAt(int feed, long slot, out uint sum, out uint shared)
    {
        (sum, shared) = (0, 0);
        foreach (var strand in _feeds[feed].StrandSpan)
        {
            shared += Volatile.Read(ref _context.Strands.Head(strand).Shared);
            if (!_gatherer.Walker.TrySequenceAt(strand, slot, _pinnedTail, out var sequence))
            {
                return false;
            }

            sum += sequence;
        }

        return true;
    }

    private bool TellExpired(int connection, ref HotConnection hot)
    {
        if (_gatherer.Expired == 0)
        {
            return true;
        }

        hot.Passed += (uint)_gatherer.Expired;
        _toldExpired[connection] = (_gatherer.LastExpired, _context.Window.OffsetAt(_gatherer.LastExpired));
        return Tell(connection, ref hot, GapReason.Expired, _context.Window.OffsetAt(_gatherer.LastExpired), _gatherer.Expired);
    }

    private string At(long offset) => new Position(_context.Epoch, offset).ToString();

    /// <summary>Counts a loss and tells it. False if nothing more may be written now.</summary>
    private bool Tell(int connection, ref HotConnection hot, GapReason reason, long to, long? count, string? from = null)
    {
        Counters.Missed[(int)reason] += count ?? 0;
        Counters.GapsTold++;
        if ((hot.Flags & ConnectionFlags.Signals) == 0)
        {
            return true;
        }

        var before = new Position(_context.Epoch, hot.Offset);
        var gap = new Gap(from ?? before.ToString(), At(to), reason, count);
        _signal.ResetWrittenCount();
        _context.Encoders[(int)hot.Format].WriteGap(before, gap, _signal);
        return SendSignal(connection, ref hot);
    }
}
