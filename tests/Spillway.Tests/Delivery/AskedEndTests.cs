using Spillway.Delivery;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>What connections ask at their end: of a connection that ends, is gone, or drains, and of a loop that has stopped.</summary>
public sealed class AskedEndTests
{
    [Fact]
    public async Task End_Live_WritesItsBytesAndNothingBehindThem()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Publish("a", "1");
        rig.Settle();
        var done = connection.Finish("bye", CloseReason.ProtocolError);
        rig.Settle();
        rig.Publish("a", "2");
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal((CloseReason.ProtocolError, 1), (connection.Reason, connection.Closes));
        Assert.Equal(["1", "bye"], connection.Received());
        Assert.Equal(1, rig.Loop.Counters.Closed[(int)CloseReason.ProtocolError]);
    }

    [Fact]
    public async Task End_BytesThatDoNotFit_ClosesWhenTheyAreTaken()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        connection.Room = 3;
        var done = connection.Finish("bye", CloseReason.ClientClosed);
        rig.Settle();
        rig.Publish("a", "1");
        var late = connection.Say("late");
        rig.Settle();
        Assert.Null(connection.Reason);
        Assert.Equal(AskOutcome.Gone, await late.Outcome()); // It ends already.

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(CloseReason.ClientClosed, connection.Reason);
        Assert.Equal(["bye"], connection.Received());
    }

    [Fact]
    public void End_BytesThatAreNeverTaken_ClosesByTheWriteStall()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        connection.Room = 3;
        _ = connection.Finish("bye", CloseReason.ClientClosed);
        rig.Settle();

        rig.Advance(TimeSpan.FromSeconds(1), times: 31);

        Assert.Equal(CloseReason.WriteTimeout, connection.Reason);
    }

    [Fact]
    public async Task End_PageOfHistoryIsOnItsWay_ThePageIsGivenBack()
    {
        using var rig = AskRig.WithoutReaders();
        rig.Publish("a", "1");
        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn();
        var done = connection.Finish("bye", CloseReason.ClientClosed);
        rig.TurnToEnd();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["bye"], connection.Received());
        Assert.Equal((0, 0), (rig.Replayer.PagesInFlight, rig.Replayer.Waiting));
    }

    [Fact]
    public async Task Ask_ConnectionGoesFirst_IsRefusedAndHoldsNothing()
    {
        using var rig = new LoopRig();
        var connection = rig.SubscribeCut();
        var held = rig.HeldStrands();
        var waiting = rig.Change(connection, "x", "y");
        rig.Settle();
        Assert.False(waiting.IsCompleted);
        connection.Drop();
        rig.Settle();
        var late = rig.Change(connection, "z");
        rig.Settle();

        Assert.Equal(AskOutcome.Gone, await waiting.Outcome());
        Assert.Equal(AskOutcome.Gone, await late.Outcome());
        Assert.Equal(held, rig.HeldStrands());
        Assert.Equal(0, rig.Loop.ExtraStates);
    }

    [Fact]
    public async Task Ask_OfAnEarlierConnectionWithTheSameNumber_IsRefused()
    {
        using var rig = new LoopRig();
        var first = rig.Subscribe("a");
        rig.Settle();
        first.Drop();
        rig.Settle();
        var second = rig.Subscribe("a");
        rig.Settle();
        Assert.Equal(first.Number, second.Number);

        var done = first.Finish("bye", CloseReason.ProtocolError);
        rig.Settle();

        Assert.Equal(AskOutcome.Gone, await done.Outcome());
        Assert.Null(second.Reason);
        Assert.Empty(second.Bytes);
    }

    [Fact]
    public async Task Change_ConnectionEndsWhenItIsReady_IsDoneBeforeTheEnd()
    {
        using var rig = new LoopRig();
        var connection = rig.SubscribeCut();
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        rig.Settle();
        var done = rig.Change(connection, "b");
        rig.Settle();
        rig.Publish("b", "2");
        rig.Release(connection);
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["whole", "changed 1", "2", "drain shutdown"], connection.Received());
        Assert.Equal(CloseReason.Shutdown, connection.Reason);
    }

    [Fact]
    public async Task Ask_Draining_ConnectionsThatHaveEndedRefuse()
    {
        using var rig = new LoopRig();
        var (ended, ending) = (rig.Subscribe("a"), rig.Subscribe("a"));
        rig.Settle();
        ending.Room = 3;
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        rig.Settle();
        var (first, second) = (rig.Change(ended, "x"), rig.Change(ending, "y"));
        rig.Settle();

        Assert.Equal(AskOutcome.Gone, await first.Outcome());
        Assert.Equal(AskOutcome.Gone, await second.Outcome());
        Assert.Equal((CloseReason.Shutdown, null), (ended.Reason, ending.Reason));
        rig.Release(ending);
        rig.Settle();
        Assert.Equal(CloseReason.Shutdown, ending.Reason);
    }

    [Fact]
    public async Task Change_DrainingInSlicesAndItsTurnHasNotCome_IsDone()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain, Argument: TimeSpan.FromSeconds(10)));
        rig.Loop.Turn();
        var done = rig.Change(connection, "b");
        rig.Loop.Turn();
        rig.Publish("b", "1");
        rig.Loop.Turn();
        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["changed 0", "1"], connection.Received());

        rig.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(CloseReason.Shutdown, connection.Reason);
    }

    [Fact]
    public async Task Ask_LoopHasStopped_IsRefusedAndHoldsNothing()
    {
        using var rig = new LoopRig();
        var connection = rig.SubscribeCut();
        var held = rig.HeldStrands();
        var waiting = rig.Change(connection, "x");
        rig.Settle();
        rig.Loop.Post(new LoopCommand(LoopCommandKind.Stop));
        var queued = rig.Change(connection, "y");
        rig.Loop.Turn();
        var late = rig.Change(connection, "z");

        Assert.Equal(AskOutcome.Gone, await waiting.Outcome());
        Assert.Equal(AskOutcome.Gone, await queued.Outcome());
        Assert.Equal(AskOutcome.Gone, await late.Outcome());
        Assert.Equal(held, rig.HeldStrands());
    }
}
