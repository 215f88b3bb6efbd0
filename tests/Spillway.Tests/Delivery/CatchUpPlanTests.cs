using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Tests.Delivery;

public sealed class CatchUpPlanTests
{
    private static readonly TopicRule DropOldest = new() { Overflow = OverflowPolicy.DropOldest };

    [Fact]
    public void GiveUp_Again_GivesUpByClassAndNeverLess()
    {
        var plan = new CatchUpPlan(latest: false);

        plan.GiveUp(2, slot: 9, offset: 5);
        plan.GiveUp(2, slot: 7, offset: 4);

        Assert.Equal((Fate.Told, Fate.Sent), (plan.Of(9, Header(1)), plan.Of(10, Header(1))));
        Assert.Equal((Fate.Sent, Fate.Sent), (plan.Of(1, Header(0)), plan.Of(1, Header(1, EventPriority.Low))));
        Assert.Equal(Fate.Sent, plan.Of(9, Header(1, EventPriority.Critical)));
        Assert.Equal(Fate.Untold, plan.OfRecorded(5, DropOldest, 1, EventFlagsOf(EventPriority.Normal)));
        plan.Tell();
        Assert.Equal((Fate.Told, Fate.Sent), (plan.OfRecorded(5, DropOldest, 1, EventFlagsOf(EventPriority.Normal)), plan.OfRecorded(6, DropOldest, 1, EventFlagsOf(EventPriority.Normal))));
    }

    [Fact]
    public void EndWaiting_WhatIsKeptIsPassed_GivesUpAllThatWaits()
    {
        var rules = new TopicRules([new TopicRule { Pattern = "a" }, new TopicRule { Overflow = OverflowPolicy.DropNewest }]);
        var plan = new CatchUpPlan(latest: false);
        plan.KeepUpTo(2, slot: 5, offset: 5);
        Assert.Equal((Fate.Sent, Fate.Waiting), (plan.Of(5, Header(1)), plan.Of(6, Header(1))));

        Assert.False(plan.EndWaiting(slot: 4, head: 20, headOffset: 20, rules));
        Assert.True(plan.EndWaiting(slot: 5, head: 20, headOffset: 20, rules));

        Assert.Equal((Fate.Told, Fate.Sent), (plan.Of(20, Header(1)), plan.Of(21, Header(1))));
        Assert.False(plan.HasTold(2, 20));
        plan.Tell();
        Assert.True(plan.HasTold(2, 20));
    }

    [Fact]
    public void BeginPass_NewerEventsCome_StandForNothingBeforeThePassIsOver()
    {
        var plan = new CatchUpPlan(latest: false);
        plan.BeginPass(2, slot: 10, late: false);
        plan.BeginPass(2, slot: 20, late: false);
        Fate Of(long slot, uint supersededAfter) => plan.Of(slot, Header(1) with { SupersededAfter = supersededAfter });

        Assert.Equal((Fate.Superseded, Fate.Sent, Fate.Sent, Fate.Waiting), (Of(8, 2), Of(8, 3), Of(10, 0), Of(11, 1)));
        Assert.Equal((false, true), (plan.IsPassOver(9), plan.IsPassOver(10)));

        plan.EndPasses(before: 10);
        Assert.True(plan.IsPassOver(10));
        plan.EndPasses(before: 11);
        Assert.False(plan.IsPassOver(10));
        Assert.Equal(Fate.Sent, Of(11, 1));

        plan.BeginPass(2, slot: 20, late: false);
        plan.BeginPass(2, slot: 30, late: true);
        Assert.Equal((Fate.Superseded, Fate.Waiting), (Of(21, 9), Of(31, 0)));
    }

    [Fact]
    public void OfRecorded_BehindTheWindow_IsGivenUpByPolicyAndToldOnce()
    {
        var plan = new CatchUpPlan(latest: false);
        plan.LeaveWindow(upTo: 10);
        var normal = EventFlagsOf(EventPriority.Normal);

        Assert.Equal((Fate.Untold, Fate.Sent), (plan.OfRecorded(10, DropOldest, 0, normal), plan.OfRecorded(11, DropOldest, 0, normal)));
        Assert.Equal(Fate.Sent, plan.OfRecorded(10, new TopicRule(), 1, normal));
        Assert.Equal(Fate.Superseded, plan.OfRecorded(10, new TopicRule { Overflow = OverflowPolicy.Latest }, 1, normal));
        Assert.Equal(Fate.Refused, plan.OfRecorded(10, new TopicRule { Overflow = OverflowPolicy.Disconnect }, 1, normal));
        Assert.Equal(Fate.Sent, plan.OfRecorded(10, DropOldest, 0, EventFlagsOf(EventPriority.Critical)));

        plan.TellInReplay(upTo: 7);
        Assert.Equal((Fate.Told, Fate.Untold), (plan.OfRecorded(7, DropOldest, 0, normal), plan.OfRecorded(8, DropOldest, 0, normal)));
    }

    private static SlotHeader Header(byte rule, EventPriority priority = EventPriority.Normal) => new() { Rule = rule, Flags = EventFlagsOf(priority) };

    private static EventFlags EventFlagsOf(EventPriority priority) => (EventFlags)((int)priority << 4);
}
