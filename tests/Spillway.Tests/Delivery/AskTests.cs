using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Connections that ask their loop for another set, or to say something: live, cut, behind, in replay.</summary>
public sealed class AskTests
{
    [Fact]
    public async Task Change_Live_AppliesBehindThePositionThatIsAnswered()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Publish("a", "1");
        rig.Publish("b", "before");
        rig.Settle();
        var done = rig.Change(connection, "b", "c");
        rig.Settle();
        rig.Publish("b", "2");
        rig.Publish("a", "not any more");
        rig.Publish("c", "3");
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["1", "changed 2", "2", "3"], connection.Received());
        Assert.Equal(0, rig.Loop.Counters.ReplayStarts); // At the head the new set needs no history.
    }

    [Fact]
    public async Task Change_PageOfHistoryIsOnItsWay_ThatPageIsNotForTheNewSet()
    {
        using var rig = AskRig.WithoutReaders();
        for (var i = 0; i < 3; i++)
        {
            rig.Publish("a", $"a{i}");
            rig.Publish("b", $"b{i}");
        }

        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn();
        Assert.Equal(1, rig.Replayer.Waiting);
        var done = rig.Change(connection, "a", "b");
        rig.Loop.Turn();
        Assert.Equal(AskOutcome.Done, await done.Outcome());
        rig.TurnToEnd();
        rig.Publish("b", "live");
        rig.TurnToEnd();

        Assert.Equal(["changed 0", "a0", "b0", "a1", "b1", "a2", "b2", "live"], connection.Received());
        Assert.Equal(0, rig.Replayer.PagesInFlight);
    }

    [Fact]
    public async Task Change_TwiceWhileAPageIsOnItsWay_OnlyThePageForTheLastSetCounts()
    {
        using var rig = AskRig.WithoutReaders();
        rig.Publish("a", "a0");
        rig.Publish("b", "b0");
        rig.Publish("c", "c0");
        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn();
        var first = rig.Change(connection, "b");
        rig.Loop.Turn();
        var second = rig.Change(connection, "c");
        rig.Loop.Turn();
        rig.TurnToEnd();

        Assert.Equal((AskOutcome.Done, AskOutcome.Done), (await first.Outcome(), await second.Outcome()));
        Assert.Equal(["changed 0", "changed 0", "c0"], connection.Received());
    }

    [Fact]
    public async Task Change_PatternThatIsYoungerThanThePosition_ReadsHistory()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        connection.Stalled = true;
        rig.Publish("a", "1");
        rig.Settle();
        rig.Publish("c/1", "2"); // Linked to no pattern, for nobody had it.
        var done = rig.Change(connection, "a", "c/*");
        rig.Settle();
        rig.Release(connection);
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["changed 0", "1", "2"], connection.ReceivedInOrder());
    }

    [Fact]
    public async Task Change_InTheMiddleOfAnEvent_WaitsForItsEnd()
    {
        using var rig = new LoopRig();
        var connection = Cut(rig);
        var done = rig.Change(connection, "b");
        rig.Publish("a", "not any more");
        rig.Publish("b", "2");
        rig.Settle();
        Assert.False(done.IsCompleted);

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["whole", "changed 1", "2"], connection.Received());
    }

    [Fact]
    public async Task Change_InTheMiddleOfAnEventThatLeftTheWindow_WaitsForItsRestFromHistory()
    {
        using var rig = new LoopRig();
        var connection = Cut(rig);
        rig.Publish("b", "before");
        rig.Flood();
        var done = rig.Change(connection, "b");
        rig.Settle();
        rig.Release(connection, room: 3);
        rig.Settle();
        Assert.False(done.IsCompleted);

        rig.Release(connection);
        rig.Settle();

        rig.Publish("b", "2");
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["whole", $"changed {LoopRig.WindowEvents + 3}", "2"], connection.ReceivedInOrder()); // Nothing else of a was to come.
    }

    [Fact]
    public async Task Change_AnswerThatDoesNotFit_NewSetFollowsItsRest()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        connection.Room = 4;
        var done = rig.Change(connection, "b");
        rig.Settle();
        rig.Publish("a", "not any more");
        rig.Publish("b", "1");
        rig.Settle();
        Assert.Equal(AskOutcome.Done, await done.Outcome());

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["changed 0", "1"], connection.Received());
    }

    [Fact]
    public async Task Change_OnlyEndedTopicsAreLeft_EndsTheStream()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a", "b");
        rig.Publish(new PushEvent { Topic = "a", Payload = "last"u8.ToArray(), Final = true });
        rig.Settle();
        var done = rig.Change(connection, "a");
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await done.Outcome());
        Assert.Equal(["last", "changed 1", "end"], connection.Received());
        Assert.Equal(Spillway.Delivery.CloseReason.TopicsEnded, connection.Reason);
    }

    [Fact]
    public async Task Ask_MoreBeforeTheFirstIsDone_AreDoneInTurnAndNotMoreThanTheMost()
    {
        using var rig = new LoopRig();
        var connection = Cut(rig);
        Task<AskOutcome>[] waiting = [connection.Say("first"), rig.Change(connection, "x"), .. Enumerable.Range(3, ConnectionAsk.Most - 2).Select(i => connection.Say($"number {i}"))];
        rig.Settle();
        var held = rig.HeldStrands();
        var tooMany = rig.Change(connection, "y", "z");
        rig.Settle();
        Assert.Equal(AskOutcome.Busy, await tooMany.Outcome());
        Assert.DoesNotContain(waiting, static asked => asked.IsCompleted);
        Assert.Equal(held, rig.HeldStrands());

        rig.Release(connection);
        rig.Settle();

        Assert.All(await Task.WhenAll(waiting), static outcome => Assert.Equal(AskOutcome.Done, outcome));
        Assert.Equal(["whole", "first", "changed 1", "number 3", "number 4"], connection.Received());
    }

    [Fact]
    public async Task Say_BetweenEvents_ComesWhereItWasAsked()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        for (var i = 0; i < 3; i++)
        {
            var done = connection.Say($"said {i}");
            rig.Settle();
            rig.Publish("a", $"{i}");
            rig.Settle();
            Assert.Equal(AskOutcome.Done, await done.Outcome());
        }

        Assert.Equal(["said 0", "0", "said 1", "1", "said 2", "2"], connection.Received());
    }

    [Fact]
    public async Task Say_BytesThatFitInPart_RestComesBeforeAnythingElse()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        connection.Room = 4;
        var first = connection.Say("first");
        rig.Settle();
        rig.Publish("a", "1");
        var second = connection.Say("second");
        rig.Settle();
        Assert.Equal(AskOutcome.Done, await first.Outcome()); // It has its place: what follows, follows it.
        Assert.False(second.IsCompleted);
        Assert.Equal("data", Encoding.UTF8.GetString(connection.Bytes));

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(AskOutcome.Done, await second.Outcome());
        Assert.Equal(["first", "second", "1"], connection.Received());
    }

    [Fact]
    public async Task Say_InReplay_ComesBetweenTwoPages()
    {
        using var rig = AskRig.WithoutReaders();
        rig.Publish("a", "1");
        rig.Flood("a");
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn();
        var done = connection.Say("said");
        rig.Loop.Turn();
        Assert.Equal(AskOutcome.Done, await done.Outcome());
        rig.TurnToEnd();

        Assert.Equal(["said", "1", "a0"], connection.Received()[..3]);
        Assert.Equal(LoopRig.WindowEvents + 3, connection.Received().Length);
    }

    /// <summary>A connection that has taken five bytes of an event of a.</summary>
    private static TestConnection Cut(LoopRig rig)
    {
        var connection = rig.SubscribeCut();
        Assert.Equal(5, connection.Bytes.Length);
        return connection;
    }
}
