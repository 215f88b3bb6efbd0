using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>The policies beside drop-oldest, to the event, alone and in one set.</summary>
public sealed class PolicyTests
{
    [Fact]
    public void DropNewest_MoreThanTheRuleKeeps_WritesTheOldestThenGoesOnFromThen()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.DropNewest, events: 3));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1", "2", "3", "4", "5", "6");

        rig.Release(connection);
        rig.Settle();
        rig.Publish("d/a", "7");
        rig.Settle();

        Assert.Equal(["0", "slow 6", "1", "2", "3", "gap overflow 4-7 3", "7"], connection.Received());
        Assert.Equal((3L, 3L), (rig.Loop.Counters.Missed[(int)GapReason.Overflow], rig.Loop.Counters.GivenUp[(int)OverflowPolicy.DropNewest]));
    }

    [Fact]
    public void DropNewest_MoreComesBeforeTheKeptAreWritten_IsGivenUpAsWell()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.DropNewest, events: 2));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1", "2", "3");
        rig.Release(connection, room: 80); // The signal, and no event behind it.
        rig.Settle();
        rig.Publish("d/a", "4", "5");

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 3", "1", "2", "gap overflow 3-6 3"], connection.Received());
    }

    [Fact]
    public void Latest_MoreThanTheRuleKeeps_SkipsWhatIsSupersededAndTellsNoGap()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.Latest, events: 3));
        var connection = Stalled(rig, "d/a");
        rig.Publish(Keyed("x", "1"), Keyed("y", "2"), Keyed("x", "3"), Keyed(null, "4"), Keyed("x", "5"), Keyed(null, "6"));

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 6", "2", "5", "6"], connection.Received());
        Assert.Equal((3L, 0L), (rig.Loop.Counters.Superseded, rig.Loop.Counters.Missed.Sum()));
    }

    [Fact]
    public void Latest_OneEventAtATimeIsTaken_EveryKeyHasItsTurn()
    {
        const int Rounds = 60;
        var options = Options(OverflowPolicy.Latest, events: 1);
        options.Delivery.WindowEvents = 8_192;
        using var rig = new LoopRig(options);
        var connection = Stalled(rig, "d/a");

        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < 80; i++) // More than a judgement waits for.
            {
                var key = i % 2 == 0 ? "hot" : "abcd".Substring(i / 2 % 4, 1);
                rig.Publish(Keyed(key, $"{key}{round}"));
            }

            rig.Release(connection, room: 40);
            rig.Settle();
        }

        var received = connection.Received();
        Assert.All(["a", "b", "c", "d", "hot"], key => Assert.InRange(received.Count(text => text.StartsWith(key, StringComparison.Ordinal)), Rounds / 8, Rounds / 3));
    }

    [Fact]
    public void Latest_WithinTheRulesWindow_SendsEverything()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.Latest, events: 3));
        var connection = Stalled(rig, "d/a");
        rig.Publish(Keyed("x", "1"), Keyed("x", "2"), Keyed("x", "3"));

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "1", "2", "3"], connection.Received());
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("b", true)]
    public void Latest_NewerEventHasOtherTopicsOrVisibility_StandsForNothing(string alternate, bool isPrivate)
    {
        using var rig = new LoopRig(Options(OverflowPolicy.Latest, events: 1));
        var connection = Stalled(rig, "d/a");
        rig.Publish(
            new PushEvent { Topic = "d/a", Alternates = ["b"], Key = "x", Payload = "1"u8.ToArray() },
            new PushEvent { Topic = "d/a", Alternates = [alternate], Key = "x", Private = isPrivate, Payload = "2"u8.ToArray() });

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 2", "1", "2"], connection.Received());
    }

    [Fact]
    public void Latest_AskedForBySubscriber_HoldsForEveryRule()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.Replay, events: 2));
        rig.Dispatcher.Conflate();
        var connection = Stalled(rig, latest: true, "d/a");
        rig.Publish(Keyed("x", "1"), Keyed("x", "2"), Keyed("x", "3"));

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 3", "3"], connection.Received());
    }

    [Fact]
    public void Disconnect_MoreThanTheRuleKeeps_EndsWithACursorThatMissesNothing()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.Disconnect, events: 2));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1", "2", "3");

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 3", "drain overflow"], connection.Received());
        Assert.Equal(CloseReason.Overflow, connection.Reason);
        Assert.Equal(0, rig.Loop.Counters.Missed.Sum());
    }

    [Fact]
    public void Replay_MoreThanTheRuleKeeps_IsToldOnceAndLosesNothing()
    {
        using var rig = new LoopRig(Options(OverflowPolicy.Replay, events: 2));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1", "2", "3");

        rig.Release(connection, room: 100);
        rig.Settle();
        rig.Publish("d/a", "4", "5", "6");
        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 3", "1", "2", "3", "4", "5", "6"], connection.Received());
        Assert.Equal(1, rig.Loop.Counters.SlowTold);
    }

    [Theory]
    [InlineData(OverflowPolicy.DropOldest, "0, slow 6, gap overflow 1-4 2, 2, 4, 5, 6")]
    [InlineData(OverflowPolicy.DropNewest, "0, slow 6, 1, 2, gap overflow 3-4 1, 4, 5, gap overflow 6-7 1")]
    public void Priority_MoreThanTheRuleKeeps_LowGoesFirstAndCriticalStays(OverflowPolicy policy, string expected)
    {
        using var rig = new LoopRig(Options(policy, events: 3));
        var connection = Stalled(rig, "d/a");
        EventPriority[] priorities = policy == OverflowPolicy.DropOldest
            ? [EventPriority.Low, EventPriority.Critical, EventPriority.Low, EventPriority.Normal, EventPriority.Normal, EventPriority.Normal]
            : [EventPriority.Normal, EventPriority.Critical, EventPriority.Low, EventPriority.Normal, EventPriority.Normal, EventPriority.Normal];
        rig.Publish([.. priorities.Select(static (priority, i) => new PushEvent { Topic = "d/a", Priority = priority, Payload = Encoding.UTF8.GetBytes($"{i + 1}") })]);

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(expected, string.Join(", ", connection.Received()));
    }

    [Fact]
    public void Mixed_EachTopicByItsOwnRule()
    {
        var options = Options(OverflowPolicy.DropOldest, events: 2);
        options.Rules.Add(new TopicRule { Pattern = "n/**", Overflow = OverflowPolicy.DropNewest, BacklogEvents = 1 });
        options.Rules.Add(new TopicRule { Pattern = "l/**", Overflow = OverflowPolicy.Latest, BacklogEvents = 1 });
        using var rig = new LoopRig(options);
        var connection = Stalled(rig, "d/a", "n/a", "l/a", "r/a");
        for (var i = 1; i <= 3; i++)
        {
            rig.Publish("d/a", $"d{i}");
            rig.Publish("n/a", $"n{i}");
            rig.Publish("l/a", $"l{i}");
            rig.Publish("r/a", $"r{i}");
        }

        rig.Release(connection);
        rig.Settle();

        // n2 waits until n1 is written and all before n2 is; then n2 and n3 are given up.
        Assert.Equal(["0", "slow 12", "gap overflow 1-2 1", "n1", "r1", "d2", "gap overflow 6-11 2", "r2", "d3", "l3", "r3"], connection.Received());
        Assert.Equal((1L, 2L, 2L), (
            rig.Loop.Counters.GivenUp[(int)OverflowPolicy.DropOldest], rig.Loop.Counters.GivenUp[(int)OverflowPolicy.DropNewest], rig.Loop.Counters.Superseded));
    }

    [Fact]
    public void Mixed_BehindTheWindow_ReplayLeavesOutWhatThePoliciesGiveUp()
    {
        var options = Options(OverflowPolicy.DropOldest, events: 2);
        options.Rules.Add(new TopicRule { Pattern = "l/**", Overflow = OverflowPolicy.Latest, BacklogEvents = 1 });
        using var rig = new LoopRig(options);
        var connection = Stalled(rig, "d/a", "l/a", "r/a");
        for (var i = 1; i <= 20; i++)
        {
            rig.Publish("d/a", $"d{i}");
            rig.Publish("l/a", $"l{i}");
            rig.Publish("r/a", $"r{i}");
        }

        rig.Release(connection);
        rig.Settle();

        var received = connection.Received();
        Assert.Equal(Enumerable.Range(1, 20).Select(static i => $"r{i}"), received.Where(static text => text[0] == 'r'));
        Assert.Equal("l20", received.Last(static text => text[0] == 'l'));
        Assert.Equal("d20", received.Last(static text => text[0] == 'd'));
        var counters = rig.Loop.Counters;
        Assert.Equal(20, received.Count(static text => text[0] == 'd') + counters.GivenUp[(int)OverflowPolicy.DropOldest]);
        Assert.Equal(20, received.Count(static text => text[0] == 'l') + counters.Superseded);
        Assert.InRange(counters.GivenUp[(int)OverflowPolicy.DropOldest], 14, 18);
        Assert.InRange(counters.Superseded, 10, 19);
    }

    private static PushEvent Keyed(string? key, string payload) => new() { Topic = "d/a", Key = key, Payload = Encoding.UTF8.GetBytes(payload) };

    private static SpillwayOptions Options(OverflowPolicy policy, int events)
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = LoopRig.WindowEvents;
        options.Rules.Add(new TopicRule { Pattern = "d/**", Overflow = policy, BacklogEvents = events });
        return options;
    }

    private static TestConnection Stalled(LoopRig rig, params string[] selectors) => Stalled(rig, latest: false, selectors);

    /// <summary>A connection that has got "0" whole and takes nothing more.</summary>
    private static TestConnection Stalled(LoopRig rig, bool latest, params string[] selectors)
    {
        var connection = rig.Subscribe(Selectors.Of(selectors), latest: latest);
        rig.Settle();
        connection.OnSend = () => (connection.OnSend, connection.Room) = (null, 0);
        rig.Publish(selectors[0], "0");
        rig.Settle();
        return connection;
    }
}
