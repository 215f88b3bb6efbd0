using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Tests.Delivery.Model;

/// <summary>Compares what loops have counted with what its subscribers did not get.</summary>
internal static class ModelCounters
{
    private static readonly (GapReason Reason, string Text)[] Reasons = [(GapReason.Overflow, "overflow"), (GapReason.Expired, "expired"), (GapReason.Retention, "retention")];

    /// <param name="exact">Whether every connection is still there: of one that ended, the last may have been counted and not have come.</param>
    public static void Judge(IReadOnlyList<LoopCounters> loops, IReadOnlyList<ModelSubscriber> all, IReadOnlyList<ModelSubscriber> alive, bool exact)
    {
        Assert.All(loops, static loop => Assert.Equal(loop.Missed[(int)GapReason.Overflow], loop.GivenUp.Sum()));
        foreach (var (reason, text) in Reasons)
        {
            var told = all.SelectMany(static subscriber => subscriber.Sessions).SelectMany(static session => session.Gaps).Where(gap => gap.Reason == text).Sum(static gap => gap.Count ?? 0);
            var counted = loops.Sum(loop => loop.Missed[(int)reason]);
            Assert.True(counted >= told, $"{told} were told as {text}, and {counted} counted.");
        }

        Assert.True(loops.Sum(static loop => loop.SlowTold) >= all.Sum(static subscriber => subscriber.Sessions.Sum(static session => session.SlowTold)));
        if (exact && alive.All(static subscriber => subscriber.Told() is not null && subscriber.Unpromised.Count == 0))
        {
            JudgeExactly(loops, alive);
        }
    }

    /// <summary>With every count known and nobody gone, the sums agree to the event.</summary>
    private static void JudgeExactly(IReadOnlyList<LoopCounters> loops, IReadOnlyList<ModelSubscriber> alive)
    {
        long Told(string reason) => alive.Sum(subscriber => subscriber.Told(reason)!.Value);
        long Missed(GapReason reason) => loops.Sum(loop => loop.Missed[(int)reason]);
        var missing = alive.Sum(static subscriber => subscriber.Missing.Count);
        var (overflow, expired, retention) = (Told("overflow"), Told("expired"), Told("retention"));
        Assert.Equal(
            (Delivered: alive.Sum(static subscriber => (long)subscriber.Last.Received.Count), overflow, expired, retention, missing - overflow - expired - retention,
                Slow: alive.Sum(static subscriber => (long)subscriber.Last.SlowTold)),
            (Delivered: loops.Sum(static loop => loop.Delivered), Missed(GapReason.Overflow), Missed(GapReason.Expired), Missed(GapReason.Retention),
                loops.Sum(static loop => loop.Superseded), Slow: loops.Sum(static loop => loop.SlowTold)));
        var policies = alive.Select(static subscriber => (Policy: subscriber.OnlyPolicy, Told: subscriber.Told("overflow")!.Value)).ToList();
        if (policies.TrueForAll(static pair => pair.Policy is not null || pair.Told == 0))
        {
            foreach (var policy in Enum.GetValues<OverflowPolicy>())
            {
                Assert.Equal(policies.Where(pair => pair.Policy == policy).Sum(static pair => pair.Told), loops.Sum(loop => loop.GivenUp[(int)policy]));
            }
        }
    }
}
