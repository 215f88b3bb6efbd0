using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Retention;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>Between history, window and live nothing is lost and nothing comes twice: each test puts one thing between two steps.</summary>
public sealed class HandOverTests
{
    private static readonly HistoryLimits FourEvents = HistoryLimits.From(new HistoryOptions()) with { MaxEvents = 4, SegmentEvents = 1 };

    [Fact]
    public void Adopt_PublishedBetweenResolveAndAdoption_IsDelivered()
    {
        using var rig = new LoopRig();
        var selectors = Selectors.Of("a");
        var resolved = rig.Dispatcher.Resolve(selectors, 0)!;
        rig.Publish("a", "1");
        rig.Settle(); // The mark is taken while nobody is there.

        var connection = rig.Adopt(selectors, resolved);
        rig.Settle();
        rig.Publish("a", "2");
        rig.Settle();

        Assert.Equal(["1", "2"], connection.Payloads());
    }

    [Fact]
    public void Adopt_WindowMovedOnSinceResolve_ReadsHistory()
    {
        using var rig = new LoopRig();
        var selectors = Selectors.Of("a");
        var resolved = rig.Dispatcher.Resolve(selectors, 0)!;
        rig.Publish("a", "1");
        rig.Flood();

        var connection = rig.Adopt(selectors, resolved);
        rig.Settle();

        Assert.Equal(["1"], connection.Payloads());
        Assert.Equal(1, rig.Loop.Counters.ReplayStarts);
    }

    [Fact]
    public void Visit_PublishedWhileItIsBeingVisited_IsMarkedAgain()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        var more = 3;
        connection.OnSend = () =>
        {
            if (more-- > 0)
            {
                rig.Publish("a", $"inner {more}"); // The bit is cleared, the head was read.
            }
        };
        rig.Settle();
        rig.Publish("a", "outer");
        rig.Settle();

        Assert.Equal(["outer", "inner 2", "inner 1", "inner 0"], connection.Payloads());
    }

    [Fact]
    public void Visit_WindowMovesOnWhileItIsBeingVisited_KeepsWhatIsPinned()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a", "b");
        rig.Settle();
        var publisher = Task.CompletedTask;
        connection.OnSend = () =>
        {
            connection.OnSend = null;
            var tail = rig.Window.Tail;
            publisher = Task.Run(rig.PublishMany, TestContext.Current.CancellationToken);
            Assert.True(SpinWait.SpinUntil(() => rig.Window.Tail > tail, TimeSpan.FromSeconds(20))); // Evicted, and not overwritten: this turn has a pin.
        };
        rig.Publish("a", "first", "second");
        rig.Settle();
        Assert.True(SpinWait.SpinUntil(() => publisher.IsCompleted, TimeSpan.FromSeconds(20)));
        rig.Settle();

        Assert.Equal(["first", "second", .. Enumerable.Range(0, 100).Select(static i => $"{i}")], connection.Payloads());
    }

    [Fact]
    public void Visit_CursorLeftTheWindow_ReplaysAndGoesLive()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        rig.Publish("a", "1");
        rig.Flood();
        rig.Publish("a", "2");
        rig.Settle();
        rig.Publish("a", "3");
        rig.Settle();

        Assert.Equal(["1", "2", "3"], connection.Received());
    }

    [Fact]
    public void TakePage_TailMovedOnMeanwhile_AsksForTheNext()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn();
        rig.WaitForPage(1);
        rig.Publish("a", "2");
        rig.Flood(); // The page is read; its end is no longer in the window.

        rig.Settle();

        Assert.Equal(["1", "2"], connection.Payloads());
        Assert.True(rig.Replayer.PagesRead >= 2);
    }

    [Fact]
    public void TakePage_DoesNotBeginAtTheCursor_IsThrownAway()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1", "2");
        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a"), after: 1);
        rig.Replayer.Ask(new ReplayRequest(rig.Loop, Connection: 0, Generation: 1, Selectors.Of("a"), WireFormat.SseRaw, From: 0, 0, null, OnlyCut: false, default));
        rig.WaitForPage(1); // Behind the adoption, and before the page that it will ask for.

        rig.Settle();

        Assert.Equal((0, 1), (connection.Number, connection.Generation));
        Assert.Equal(["2"], connection.Payloads());
        Assert.Equal(0, rig.Replayer.PagesInFlight);
    }

    [Fact]
    public void TakePage_OfAConnectionThatIsGone_IsGivenBack()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        rig.Flood();
        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Loop.Turn();
        connection.Drop(); // In front of the page, or behind it.
        rig.Settle();

        Assert.Equal(0, rig.Replayer.PagesInFlight);
        Assert.Equal((1, CloseReason.ClientClosed), (connection.Closes, connection.Reason));
        Assert.Equal(0, rig.Loop.ConnectionCount);
    }

    [Fact]
    public void Begin_CursorAheadOfTheHead_Waits()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        var connection = rig.Subscribe(Selectors.Of("a"), after: 3);
        rig.Settle();
        rig.Publish("a", "2", "3");
        rig.Settle();
        Assert.Empty(connection.Received());

        rig.Publish("a", "4", "5");
        rig.Settle();

        Assert.Equal(["4", "5"], connection.Received());
    }

    [Fact]
    public void CatchHead_WindowWentPastTheCursorAtOnce_ReadsHistory()
    {
        using var rig = new LoopRig();
        rig.Publish("a", "1");
        var connection = rig.Subscribe(Selectors.Of("a"), after: 3);
        rig.Settle();
        rig.Publish("a", "2", "3", "4");
        rig.Flood();
        rig.Publish("a", "5");
        rig.Settle();

        Assert.Equal(["4", "5"], connection.Received());
    }

    [Fact]
    public void Replay_RetentionBetweenResumeAndRead_TellsHowManyAreGone()
    {
        using var rig = new LoopRig(limits: FourEvents);
        rig.Publish("a", "1", "2", "3");
        rig.Publish("b", "4");
        var selectors = Selectors.Of("a");
        var resolved = rig.Dispatcher.Resolve(selectors, 0)!;
        rig.Flood("b");
        rig.Publish("a", "last");
        var connection = rig.Adopt(selectors, resolved, after: 1);
        rig.Settle();

        Assert.Equal([$"gap retention 1-{rig.History.Tail} 2", "last"], connection.Received());
        Assert.Equal(2, rig.Loop.Counters.Missed[(int)GapReason.Retention]);
    }

    [Fact]
    public void Replay_RetentionTookEventsBetweenOthers_TellsEachWhereItWas()
    {
        var rules = new CurrentRetention(new RuleBook([new TopicRule { Pattern = "kept", MaxEvents = 100 }]), age: long.MaxValue / 2);
        using var rig = new LoopRig(limits: FourEvents with { SegmentEvents = 6, Retention = rules });
        rig.Publish("kept", "1");
        rig.Publish("gone", "2", "3");
        rig.Publish("kept", "4");
        rig.Publish("gone", "5");
        rig.Publish("kept", "6");
        rig.Flood();
        rig.History.Trim(rig.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        rig.History.Settle();
        var both = rig.Subscribe(Selectors.Of("kept", "gone"), after: 0);
        var one = rig.Subscribe(Selectors.Of("kept"), after: 0);
        rig.Settle();

        Assert.Equal(["1", "gap retention 1-3 2", "4", "gap retention 4-5 1", "6"], both.Received());
        Assert.Equal(["1", "4", "6"], one.Received());
        Assert.Equal(3, rig.Loop.Counters.Missed[(int)GapReason.Retention]);
    }

    [Fact]
    public void BeginReplay_QuietUntilRetentionTookWhatItNeverWanted_TellsNoGap()
    {
        using var rig = new LoopRig(limits: FourEvents with { MaxEvents = 40, IndexRetention = 0 });
        var connection = rig.Subscribe(Selectors.Of("a"), signals: false); // No signal moves its cursor.
        rig.Settle();
        rig.Publish("a", "1");
        rig.Settle();
        for (var i = 0; i < 3; i++)
        {
            rig.Flood("b");
            rig.Advance(TimeSpan.FromSeconds(16)); // Its keep-alive is a visit that finds nothing.
        }

        rig.Publish("a", "2");
        rig.Flood("b"); // It is behind the window; what followed its last event is no longer kept, and nobody could count it any more.
        rig.Settle();

        Assert.Equal(["1", "2"], connection.Payloads());
        Assert.Equal((1, 0), (rig.Loop.Counters.ReplayStarts, rig.Loop.Counters.GapsTold));
        Assert.True(rig.History.Tail > 1);
    }

    [Fact]
    public void Resolve_TopicWithoutAStrandWhenItWasPublished_IsReadFromHistory()
    {
        var options = new SpillwayOptions();
        options.Limits.Topics = 2;
        options.Delivery.WindowEvents = 16;
        using var rig = new LoopRig(options);
        var holder = rig.Subscribe("x");
        rig.Publish(new PushEvent { Topic = "y", Alternates = ["a"], Payload = "1"u8.ToArray() }); // No room for a's strand.
        rig.Settle();
        Assert.Null(rig.Dispatcher.Resolve(Selectors.Of("a"), 0));
        holder.Drop();
        rig.Settle();

        var connection = rig.Subscribe(Selectors.Of("a"), after: 0);
        rig.Settle();

        Assert.Equal(["1"], connection.Payloads());
    }

    [Fact]
    public void Resolve_PatternYoungerThanTheCursor_IsReadFromHistoryUpToItsBirth()
    {
        using var rig = new LoopRig();
        rig.Publish("a/1", "1", "2");

        var connection = rig.Subscribe(Selectors.Of("a/*"), after: 1);
        rig.Settle();
        rig.Publish("a/2", "3");
        rig.Settle();

        Assert.Equal(["2", "3"], connection.Payloads());
    }

    [Fact]
    public void Append_EncodedSevenTimesAsLong_IsDeliveredWhole()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        var lines = new string('\n', 15_000); // 75 KB of "data:" lines, for an arena of 64 KiB.

        rig.Publish("a", lines, "after");
        rig.Settle();

        Assert.Equal([lines, "after"], connection.Payloads());
    }
}
