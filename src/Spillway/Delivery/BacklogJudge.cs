using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>
/// Judges a slow connection's backlog rule by rule, each rule by its own window and policy. One loop's; what it found is valid until the next judgement.
/// Under a policy that drops, events of low priority go first, then normal ones; critical ones never.
/// </summary>
internal sealed class BacklogJudge(Window window)
{
    private readonly RuleTally[] _tallies = new RuleTally[TopicRules.MaxRules];
    private readonly List<int> _rules = []; // Of which the backlog has events.
    private readonly int[] _droppedBy = new int[Enum.GetValues<OverflowPolicy>().Length];

    private CatchUpPlan _plan = new(latest: false);
    private TopicRules _topicRules = new([]);
    private ToldExpired _toldExpired;

    /// <summary>Events of the backlog of which nothing was told yet.</summary>
    public int Backlog { get; private set; }

    /// <summary>Whether any rule's window is exceeded.</summary>
    public bool IsExceeded { get; private set; }

    /// <summary>Whether a rule that disconnects is.</summary>
    public bool Disconnects { get; private set; }

    /// <summary>Events given up by the last plan and not told yet.</summary>
    public int Dropped { get; private set; }

    /// <summary>The newest of them.</summary>
    public long LastDropped { get; private set; }

    /// <summary>The first event that is not given up; <see cref="long.MaxValue"/>: there is none.</summary>
    public long FirstKept { get; private set; }

    /// <summary>Events that were told before.</summary>
    public int ToldBefore { get; private set; }

    /// <summary>How many of <see cref="Dropped"/> a policy gave up.</summary>
    public int DroppedBy(OverflowPolicy policy) => _droppedBy[(int)policy];

    /// <summary>Weighs what is not given up yet against the rules' windows.</summary>
    /// <param name="slots">The backlog, oldest first.</param>
    /// <param name="toldExpired">Events that were told to have expired.</param>
    public void Weigh(ReadOnlySpan<long> slots, CatchUpPlan plan, TopicRules rules, ToldExpired toldExpired)
    {
        (_plan, _topicRules, _toldExpired) = (plan, rules, toldExpired);
        _tallies.AsSpan().Clear();
        _rules.Clear();
        (Backlog, IsExceeded, Disconnects) = (0, false, false);
        foreach (var slot in slots)
        {
            ref var header = ref window.Header(slot);
            if (IsTold(slot, header) || plan.Of(slot, header) is Fate.Told or Fate.Superseded)
            {
                continue;
            }

            Backlog++;
            if (header.IsKept)
            {
                continue;
            }

            ref var tally = ref _tallies[header.Rule];
            if (tally.Events++ == 0)
            {
                _rules.Add(header.Rule);
            }

            tally.Bytes += window.Record(slot).Length;
        }

        foreach (var rule in _rules)
        {
            ref var tally = ref _tallies[rule];
            tally.IsExceeded = tally.Events > rules[rule].BacklogEvents || tally.Bytes > rules[rule].BacklogBytes;
            IsExceeded |= tally.IsExceeded;
            Disconnects |= tally.IsExceeded && plan.PolicyOf(rules[rule]) == OverflowPolicy.Disconnect;
        }
    }

    /// <summary>Changes the plan so that no rule's window is exceeded any more, and sums up what that gives up.</summary>
    /// <param name="slots">The backlog, oldest first.</param>
    /// <param name="late">A backlog that begins before this slot may soon leave the hub's window.</param>
    public void Plan(ReadOnlySpan<long> slots, long late)
    {
        _plan.EndPasses(slots.IsEmpty ? long.MaxValue : slots[0]);
        foreach (var rule in _rules)
        {
            if (_tallies[rule].IsExceeded && _plan.PolicyOf(_topicRules[rule]) == OverflowPolicy.Latest)
            {
                _plan.BeginPass(rule * 2, slots[^1], slots[0] < late);
                _plan.BeginPass((rule * 2) + 1, slots[^1], slots[0] < late);
            }
        }

        KeepNewest(slots, low: false);
        KeepNewest(slots, low: true); // With what room the others leave.
        KeepOldest(slots, low: false);
        KeepOldest(slots, low: true);
        Sum(slots);
    }

    private bool Has(OverflowPolicy policy)
    {
        foreach (var rule in _rules)
        {
            if (_tallies[rule].IsExceeded && _plan.PolicyOf(_topicRules[rule]) == policy)
            {
                return true;
            }
        }

        return false;
    }

    private void KeepNewest(ReadOnlySpan<long> slots, bool low)
    {
        if (!Has(OverflowPolicy.DropOldest))
        {
            return;
        }

        for (var i = slots.Length - 1; i >= 0; i--)
        {
            ref var header = ref window.Header(slots[i]);
            if (IsJudged(slots[i], header, OverflowPolicy.DropOldest, low) && !IsTold(slots[i], header) && !TryKeep(slots[i], header))
            {
                _plan.GiveUp(CatchUpPlan.ClassOf(header.Rule, header.Flags), slots[i], header.Offset);
            }
        }
    }

    private void KeepOldest(ReadOnlySpan<long> slots, bool low)
    {
        if (!Has(OverflowPolicy.DropNewest))
        {
            return;
        }

        foreach (var slot in slots)
        {
            ref var header = ref window.Header(slot);
            if (IsJudged(slot, header, OverflowPolicy.DropNewest, low) && !IsTold(slot, header) && !TryKeep(slot, header))
            {
                _plan.KeepUpTo(CatchUpPlan.ClassOf(header.Rule, header.Flags), slot - 1, header.Offset - 1);
            }
        }
    }

    /// <summary>Whether it is of a rule that must give something up by this policy, of the priority looked at, and nothing is decided about it.</summary>
    private bool IsJudged(long slot, in SlotHeader header, OverflowPolicy policy, bool low) =>
        !header.IsKept && _tallies[header.Rule].IsExceeded && _plan.PolicyOf(_topicRules[header.Rule]) == policy
        && (SlotHeader.PriorityOf(header.Flags) == EventPriority.Low) == low && _plan.Of(slot, header) == Fate.Sent;

    private bool TryKeep(long slot, in SlotHeader header)
    {
        ref var tally = ref _tallies[header.Rule];
        tally.KeptEvents++;
        tally.KeptBytes += window.Record(slot).Length;
        return tally.KeptEvents <= _topicRules[header.Rule].BacklogEvents && tally.KeptBytes <= _topicRules[header.Rule].BacklogBytes;
    }

    private bool IsTold(long slot, in SlotHeader header) => _toldExpired.Has(slot, header);

    private void Sum(ReadOnlySpan<long> slots)
    {
        (Dropped, LastDropped, FirstKept, ToldBefore) = (0, 0, long.MaxValue, 0);
        _droppedBy.AsSpan().Clear();
        foreach (var slot in slots)
        {
            ref var header = ref window.Header(slot);
            if (IsTold(slot, header))
            {
                ToldBefore++;
            }
            else if (_plan.Of(slot, header) != Fate.Told)
            {
                FirstKept = Math.Min(FirstKept, slot);
            }
            else if (_plan.HasTold(CatchUpPlan.ClassOf(header.Rule, header.Flags), slot))
            {
                ToldBefore++;
            }
            else
            {
                Dropped++;
                LastDropped = slot;
                _droppedBy[(int)_plan.PolicyOf(_topicRules[header.Rule])]++;
            }
        }
    }
}
