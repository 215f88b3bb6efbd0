using System.Text;
using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>How tests ask a loop what a connection's own end asks it. What it answers reads like an event.</summary>
internal static class AskRig
{
    /// <summary>A rig whose pages of history are made when the test says.</summary>
    public static LoopRig WithoutReaders()
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Delivery.WindowBytes = 64 * 1024;
        options.Delivery.ReplayReaders = 0;
        return new LoopRig(options);
    }

    /// <summary>Turns and makes pages until nothing is left to do.</summary>
    public static void TurnToEnd(this LoopRig rig)
    {
        for (var i = 0; i < 100; i++)
        {
            if (!rig.Turn() && rig.Replayer.Waiting == 0)
            {
                return;
            }
        }

        Assert.Fail("The loop never comes to rest.");
    }

    /// <summary>A subscriber of <c>a</c> that has taken five bytes of an event, and takes no more.</summary>
    public static TestConnection SubscribeCut(this LoopRig rig)
    {
        var connection = rig.Subscribe("a");
        rig.Settle();
        connection.Room = 5;
        rig.Publish("a", "whole");
        rig.Settle();
        return connection;
    }

    /// <summary>Asks for another set; answered by <c>changed</c> and the offset.</summary>
    public static Task<AskOutcome> Change(this LoopRig rig, TestConnection connection, params string[] names)
    {
        var selectors = Selectors.Of(names);
        var resolved = rig.Dispatcher.Resolve(selectors, 0)!;
        return connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner!)
        {
            Strands = resolved.Strands,
            ExactOnly = selectors.Patterns.Count == 0,
            Birth = resolved.Birth,
            Answer = static position => Block($"changed {position.Offset}"),
        });
    }

    public static Task<AskOutcome> Say(this TestConnection connection, string text) =>
        connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner!) { Bytes = Block(text) });

    public static Task<AskOutcome> Finish(this TestConnection connection, string text, CloseReason reason) =>
        connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner!) { Bytes = Block(text), End = reason });

    /// <summary>What came of something that has been done.</summary>
    public static async Task<AskOutcome> Outcome(this Task<AskOutcome> asked)
    {
        Assert.True(asked.IsCompleted, "What was asked has not been looked at.");
        return await asked;
    }

    /// <summary>Strands that somebody holds, or that events in the window are linked to.</summary>
    public static int HeldStrands(this LoopRig rig)
    {
        _ = rig.Dispatcher.Resolve(Selectors.Of("a"), 0); // What was given back is freed by the next subscription.
        return rig.StrandCount;
    }

    /// <summary>All but what says that the connection is slow.</summary>
    public static string[] ReceivedInOrder(this TestConnection connection) =>
        [.. connection.Received().Where(static one => !one.StartsWith("slow", StringComparison.Ordinal))];

    private static byte[] Block(string text) => Encoding.UTF8.GetBytes($"data: {text}\n\n");
}
