using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Loops with rules that have batch intervals: 100 ms for b, 1 s for s and, without history, for e. Of connection 0 the spread is nothing.</summary>
internal static class BatchRig
{
    public static LoopRig Rig(ILoopWaiter? waiter = null, int windowEvents = 1_024, Action<SpillwayOptions>? change = null)
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = windowEvents;
        options.Delivery.WindowBytes = 1024 * 1024;
        options.Rules.Add(new TopicRule { Pattern = "b/**", Batch = TimeSpan.FromMilliseconds(100) });
        options.Rules.Add(new TopicRule { Pattern = "s/**", Batch = TimeSpan.FromSeconds(1) });
        options.Rules.Add(new TopicRule { Pattern = "e/**", Batch = TimeSpan.FromSeconds(1), History = false, Overflow = OverflowPolicy.DropOldest });
        change?.Invoke(options);
        return new LoopRig(options, waiter: waiter);
    }

    /// <summary>Event 0 is written to a new connection: from now on it has to wait. The next 10 ms have just begun.</summary>
    public static void Written(LoopRig rig, TestConnection connection, string topic)
    {
        rig.Settle();
        rig.Publish(topic, "0");
        rig.Settle();
        Assert.Equal(["0"], connection.Received());
    }
}
