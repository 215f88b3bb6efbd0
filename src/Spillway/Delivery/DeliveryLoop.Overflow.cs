using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What a slow connection gives up, and how it is told.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>A slow connection's backlog is judged again after this many events of the hub, or more if it is long: walking it at every write would cost more than the writes.</summary>
    private const int JudgeEvery = 64;

    private readonly Dictionary<int, ToldExpired> _toldExpired = []; // Of connections that may not have passed it.
    private readonly Dictionary<int, CatchUpPlan> _plans = []; // Only of slow connections that have not caught up.

    /// <summary>
    /// Applies the overflow policies to a slow connection: finds which of its backlog it gives up, and tells that before its cursor passes any of it.
    /// Returns the plan in force; null if there is nothing that it gives up.
    /// </summary>
    private CatchUpPlan? Judge(int connection, ref HotConnection hot, long head)
    {
        if ((hot.Flags & ConnectionFlags.Slow) == 0)
        {
            return null;
        }

        var plan = PlanOf(connection, hot);
        if (!plan.EndWaiting(hot.Slot, head, _context.Window.OffsetAt(head), _context.Rules.Current) && head < plan.JudgeAt && !plan.IsPassOver(hot.Slot))
        {
            return plan.IsEmpty ? null : plan;
        }

        var anyPolicy = AnyPolicy(hot);
        if (!anyPolicy && (hot.Flags & ConnectionFlags.SlowTold) != 0)
        {
            return null; // It reads on at its own pace, and knows.
        }

        var whole = _gatherer.TryList(ref hot, head, _pinnedTail, anyPolicy ? int.MaxValue : MostToTellSlow, out var slots, out var fellOut);
        if (fellOut && !MayGiveUpEvicted(hot))
        {
            return plan; // Replay tells what history cannot give.
        }

        _judge.Weigh(slots, plan, _context.Rules.Current, _toldExpired.GetValueOrDefault(connection));
        if ((_judge.IsExceeded || fellOut || !whole) && !TellSlow(connection, ref hot, whole && !fellOut ? _judge.Backlog : null))
        {
            return plan;
        }

        plan.JudgeAt = head + Math.Max(JudgeEvery, slots.Length / 8);
        if (_judge.Disconnects)
        {
            End(connection, ref hot, CloseReason.Overflow);
            return plan;
        }

        _judge.Plan(slots, late: _pinnedTail + ((head - _pinnedTail) / 2));
        if (fellOut || _judge.Dropped > 0)
        {
            GiveUp(connection, ref hot, plan, slots, head, fellOut);
        }

        return plan.IsEmpty ? null : plan;
    }

    /// <summary>A connection that gives nothing up is only told that it is slow: no more of its backlog is walked than that takes.</summary>
    private const int MostToTellSlow = 4_096;

    private static readonly OverflowPolicy[] Policies = Enum.GetValues<OverflowPolicy>();
    private readonly BacklogJudge _judge;

    private CatchUpPlan PlanOf(int connection, in HotConnection hot)
    {
        if (!_plans.TryGetValue(connection, out var plan))
        {
            _plans[connection] = plan = new CatchUpPlan((hot.Flags & ConnectionFlags.Latest) != 0);
        }

        return plan;
    }

    /// <summary>Whether anything may be given up for it.</summary>
    private bool AnyPolicy(in HotConnection hot) => _context.Rules.Current.AnyDrops || (hot.Flags & ConnectionFlags.Latest) != 0;

    /// <summary>Counts and tells what the last judgement gives up, moves the connection behind it.</summary>
    private void GiveUp(int connection, ref HotConnection hot, CatchUpPlan plan, ReadOnlySpan<long> slots, long head, bool fellOut)
    {
        var (from, last, evicted) = (hot.Slot, _judge.LastDropped, (long?)0);
        if (fellOut)
        {
            var first = slots.IsEmpty ? head : slots[0] - 1;
            evicted = CountEvicted(ref hot, slots.Length - _judge.ToldBefore, head);
            last = Math.Max(last, first);
            hot.Slot = Math.Max(hot.Slot, first);
            SetPassed(ref hot);
            hot.Passed += (uint)_judge.ToldBefore; // Ahead of the slot, and told.
        }

        Counters.GiveUp(PolicyOfEvicted(hot, from), evicted ?? 0);
        foreach (var policy in Policies)
        {
            Counters.GiveUp(policy, _judge.DroppedBy(policy));
        }

        hot.Passed += (uint)_judge.Dropped;
        hot.Slot = _judge.FirstKept == long.MaxValue ? hot.Slot : Math.Max(hot.Slot, _judge.FirstKept - 1); // All before it is given up, and told below.
        plan.Tell();
        if (evicted + _judge.Dropped != 0) // What left the window may all have been told as expired.
        {
            Tell(connection, ref hot, GapReason.Overflow, _context.Window.OffsetAt(last), evicted + _judge.Dropped);
        }

        if (hot.State != ConnectionState.Free && hot.Slot >= _pinnedTail - 1)
        {
            hot.Offset = Math.Max(hot.Offset, _context.Window.OffsetAt(hot.Slot)); // Told: a replay must not bring it all the same.
        }
    }

    /// <summary>Tells, once until it has caught up, that it does not keep up. False if nothing more may be written now.</summary>
    private bool TellSlow(int connection, ref HotConnection hot, long? backlog)
    {
        if ((hot.Flags & ConnectionFlags.SlowTold) != 0)
        {
            return true;
        }

        hot.Flags |= ConnectionFlags.SlowTold;
        Counters.SlowTold++;
        if ((hot.Flags & ConnectionFlags.Signals) == 0)
        {
            return true;
        }

        _signal.ResetWrittenCount();
        _context.Encoders[(int)hot.Format].WriteSlow(At(hot.Offset), backlog, _signal);
        return SendSignal(connection, ref hot);
    }

    private static OverflowPolicy PolicyOf(in HotConnection hot, TopicRule rule) => (hot.Flags & ConnectionFlags.Latest) != 0 ? OverflowPolicy.Latest : rule.EffectiveOverflow;

    /// <summary>Under which policy events are counted that left the window behind a slot before they were judged: they were ephemeral, or of a rule that drops the oldest.</summary>
    private OverflowPolicy PolicyOfEvicted(in HotConnection hot, long slot)
    {
        foreach (var strand in (hot.Flags & ConnectionFlags.Latest) == 0 ? _feeds[hot.Feed].StrandSpan : [])
        {
            ref var state = ref _context.Strands[strand];
            if (Volatile.Read(ref state.HadEphemeral) is var policy and > 0 && Volatile.Read(ref _context.Strands.Head(strand).Slot) > slot)
            {
                return (OverflowPolicy)(policy - 1);
            }
        }

        return (hot.Flags & ConnectionFlags.Latest) != 0 ? OverflowPolicy.Latest : OverflowPolicy.DropOldest;
    }

    /// <summary>Whether all that left the window may be given up: else history has what must not be.</summary>
    private bool MayGiveUpEvicted(in HotConnection hot)
    {
        ref var feed = ref _feeds[hot.Feed];
        if (!feed.ExactOnly)
        {
            return false;
        }

        var rules = _context.Rules.Current; // Behind the head: see RuleBook.
        foreach (var strand in feed.StrandSpan)
        {
            if ((hot.Flags & ConnectionFlags.Latest) != 0 ? HasRecorded(strand) : !MayGiveUpEvicted(strand, rules, hot.Slot))
            {
                return false;
            }
        }

        return true;
    }

    private bool MayGiveUpEvicted(int strand, TopicRules rules, long after) =>
        _context.Strands.RuleOf(strand, rules) is { } rule
        && (rule.EffectiveOverflow == OverflowPolicy.DropOldest || (!rule.History && rule.EffectiveOverflow != OverflowPolicy.Disconnect))
        && Volatile.Read(ref _context.Strands[strand].LastKept) <= after;

    /// <summary>Whether history may have something of a strand. Who asked for the newest values gives none of it up, whatever the rules say.</summary>
    private bool HasRecorded(int strand) => (_context.Strands[strand].Flags & StrandFlags.Recorded) != 0;

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
        ref readonly var expired = ref _gatherer.Expired;
        if (expired.Count == 0)
        {
            return true;
        }

        hot.Passed += (uint)expired.Count;
        hot.Flags |= ConnectionFlags.ToldExpired;
        Counters.Missed[(int)GapReason.Expired] += expired.Count;
        var offset = _context.Window.OffsetAt(expired.Last);
        _toldExpired[connection] = _toldExpired.GetValueOrDefault(connection).With(
            expired.Last, offset, _gatherer.Now, Math.Max(hot.Offset, _connections.Seen(connection)), expired.Recorded);
        return Tell(connection, ref hot, GapReason.Expired, offset, expired.Count);
    }

    private Position At(long offset) => new(_context.Epoch, offset);

    /// <summary>Tells a loss that was counted. False if nothing more may be written now.</summary>
    private bool Tell(int connection, ref HotConnection hot, GapReason reason, long to, long? count, long? from = null)
    {
        Counters.GapsTold++;
        if ((hot.Flags & ConnectionFlags.Signals) == 0)
        {
            return true;
        }

        var gap = new Gap(At(from ?? hot.Offset), At(to), reason, count);
        _signal.ResetWrittenCount();
        _context.Encoders[(int)hot.Format].WriteGap(At(hot.Offset), gap, _signal);
        return SendSignal(connection, ref hot);
    }
}
