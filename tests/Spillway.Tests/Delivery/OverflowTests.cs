using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

/// <summary>What a slow connection gives up, to the event, and what it never does.</summary>
public sealed class OverflowTests
{
    [Fact]
    public void Judge_MoreEventsThanTheRuleKeeps_DropsTheOldestAndCountsThem()
    {
        using var rig = new LoopRig(Options(events: 3));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1", "2", "3", "4", "5", "6", "7", "8");

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 8", "gap overflow 1-6 5", "6", "7", "8"], connection.Received());
        Assert.Equal(5, rig.Loop.Counters.Missed[(int)GapReason.Overflow]);
    }

    [Theory]
    [InlineData(nameof(WireFormat.SseMercure))]
    [InlineData(nameof(WireFormat.SseRaw))]
    [InlineData(nameof(WireFormat.SseJson))]
    public void Judge_AnyFormat_TellsTheGapInTheCursorsOfItsIds(string format)
    {
        using var rig = new LoopRig(Options(events: 3)) { Format = Enum.Parse<WireFormat>(format) };
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1", "2", "3", "4", "5", "6", "7", "8");

        rig.Release(connection);
        rig.Settle();

        var (gap, hash) = (SseReader.Parse(connection.Bytes).Single(static one => one.Type == "spillway-gap"), format == nameof(WireFormat.SseMercure) ? "#" : "");
        var (data, epoch) = (JsonElement.Parse(gap.Data), rig.History.Epoch);
        Assert.Equal(
            (hash + new Position(epoch, 1), hash + new Position(epoch, 1), hash + new Position(epoch, 6)),
            (gap.LastEventId, data.GetProperty("from").GetString(), data.GetProperty("to").GetString()));
    }

    [Fact]
    public void Judge_MoreBytesThanTheRuleKeeps_DropsTheOldestAndCountsThem()
    {
        using var rig = new LoopRig(Options(bytes: 2_048));
        var connection = Stalled(rig, "d/a");
        var large = new string('x', 800); // Two of them are less than 2,048 bytes with all their fields, three are more.
        rig.Publish("d/a", large, large, large, large);

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 4", "gap overflow 1-3 2", large, large], connection.Received());
    }

    [Fact]
    public void Judge_EvictedAsWell_CountsBoth()
    {
        using var rig = new LoopRig(Options(events: 3));
        var connection = Stalled(rig, "d/a", "d/b");
        for (var i = 1; i <= 40; i++)
        {
            rig.Publish(i % 2 == 0 ? "d/a" : "d/b", $"{i}");
            rig.Publish("other", "o");
        }

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["38", "39", "40"], connection.Payloads()[1..]);
        Assert.Equal(["slow ?", "gap overflow 1-74 37"], connection.Signals());
        Assert.Equal(0, rig.Loop.Counters.ReplayStarts);
    }

    [Fact]
    public void Judge_AgainWhileDroppedEventsAreStillInTheWindow_CountsEachOnce()
    {
        using var rig = new LoopRig(Options(events: 3, window: 256));
        var connection = Stalled(rig, "d/a");
        var (last, told) = (0, 0L);
        foreach (var batch in new[] { 70, 70, 300, 10 })
        {
            for (var i = 0; i < batch; i++)
            {
                rig.Publish("d/a", $"{++last}");
            }

            rig.Release(connection, room: 150); // Enough for the gap, not for what follows.
            rig.Settle();
        }

        rig.Release(connection);
        rig.Settle();
        told = connection.Signals().Where(static signal => signal.StartsWith("gap", StringComparison.Ordinal)).Sum(static signal => long.Parse(signal.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));

        Assert.Equal(1 + last, told + connection.Payloads().Length);
        Assert.Equal($"{last}", connection.Payloads()[^1]);
    }

    [Fact]
    public void Judge_EvictedBesideEventsToldAsExpired_CountsEachOnce()
    {
        using var rig = new LoopRig(Options(events: 1_000, window: 128));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", [.. Enumerable.Range(1, 60).Select(static i => $"{i}")]);
        for (var i = 0; i < 3; i++)
        {
            rig.Publish(new PushEvent { Topic = "d/a", Ttl = TimeSpan.FromSeconds(1) });
        }

        rig.Clock.Advance(TimeSpan.FromSeconds(2));
        rig.Release(connection, room: 1); // The gap is told, as far as it has to say; nothing else fits.
        rig.Settle();
        for (var i = 0; i < 75; i++)
        {
            rig.Publish("other", "o"); // Some of the sixty leave the window, and none of the three.
        }

        rig.Release(connection);
        rig.Settle();

        Assert.Equal("60", connection.Payloads()[^1]);
        Assert.Equal(3, rig.Loop.Counters.Missed[(int)GapReason.Expired]);
        Assert.InRange(rig.Loop.Counters.Missed[(int)GapReason.Overflow], 1, 50);
        Assert.Equal(1 + 60, connection.Payloads().Length + rig.Loop.Counters.Missed[(int)GapReason.Overflow]);
    }

    [Fact]
    public void Judge_CriticalEvents_AreKept()
    {
        using var rig = new LoopRig(Options(events: 2));
        var connection = Stalled(rig, "d/a");
        rig.Publish("d/a", "1");
        rig.Publish(Critical("critical"));
        rig.Publish("d/a", "3", "4", "5");

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 5", "gap overflow 1-4 2", "critical", "4", "5"], connection.Received());
    }

    [Fact]
    public void Judge_CriticalEventLeftTheWindow_ComesFromHistory()
    {
        using var rig = new LoopRig(Options(events: 2));
        var connection = Stalled(rig, "d/a");
        rig.Publish(Critical("critical"));
        for (var i = 0; i < 40; i++)
        {
            rig.Publish("d/a", $"{i}");
        }

        rig.Release(connection);
        rig.Settle();

        Assert.Contains("critical", connection.Payloads());
        Assert.Equal("39", connection.Payloads()[^1]);
    }

    [Fact]
    public void Judge_HealthyConnection_LosesNothingInABurst()
    {
        using var rig = new LoopRig(Options(events: 2, window: 64));
        var connection = rig.Subscribe("d/a");
        rig.Settle();

        rig.Publish("d/a", [.. Enumerable.Range(0, 30).Select(static i => $"{i}")]);
        rig.Settle();

        Assert.Equal(30, connection.Received().Length);
    }

    [Fact]
    public void Judge_MixedSet_DropsOnlyByItsRule()
    {
        using var rig = new LoopRig(Options(events: 1, window: 64));
        var connection = Stalled(rig, "d/a", "r");
        rig.Publish("d/a", "d1");
        rig.Publish("r", "r2");
        rig.Publish("d/a", "d3");
        rig.Publish("r", "r4");
        rig.Publish("d/a", "d5");

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "slow 5", "gap overflow 1-4 2", "r2", "r4", "d5"], connection.Received());
    }

    [Fact]
    public void Tell_WithoutSignals_CountsOnly()
    {
        using var rig = new LoopRig(Options(events: 2));
        var connection = rig.Subscribe(Selectors.Of("d/a"), signals: false);
        connection.Room = 0;
        rig.Publish("d/a", "1");
        rig.Settle();
        rig.Publish("d/a", "2", "3", "4");

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["3", "4"], connection.Received());
        Assert.Equal(2, rig.Loop.Counters.Missed[(int)GapReason.Overflow]);
    }

    [Fact]
    public void Gather_EventsPastTheirTtl_AreToldAsExpired()
    {
        using var rig = new LoopRig();
        var connection = Stalled(rig, "a");
        rig.Publish(new PushEvent { Topic = "a", Payload = "short"u8.ToArray(), Ttl = TimeSpan.FromSeconds(1) });
        rig.Publish(new PushEvent { Topic = "a", Payload = "long"u8.ToArray(), Ttl = TimeSpan.FromSeconds(60) });
        rig.Clock.Advance(TimeSpan.FromSeconds(2));

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "long"], connection.Payloads());
        Assert.Equal(["gap expired 1-2 1"], connection.Signals());
    }

    [Fact]
    public void Gather_FinalEventPastItsTtl_StillEndsTheStream()
    {
        using var rig = new LoopRig();
        var connection = rig.Subscribe("a");
        rig.Settle();
        rig.Publish("a", "1"); // In the same run.
        rig.Publish(new PushEvent { Topic = "a", Final = true, Ttl = TimeSpan.FromSeconds(1) });
        rig.Clock.Advance(TimeSpan.FromSeconds(2));

        rig.Settle();

        Assert.Equal(["gap expired 0-2 1", "1", "end"], connection.Received());
        Assert.Equal(CloseReason.TopicsEnded, connection.Reason);
    }

    private static SpillwayOptions Options(int events = 100, int bytes = 1_000_000, int window = LoopRig.WindowEvents)
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = window;
        options.Rules.Add(new TopicRule { Pattern = "d/**", Overflow = OverflowPolicy.DropOldest, BacklogEvents = events, BacklogBytes = bytes });
        return options;
    }

    private static PushEvent Critical(string payload) =>
        new() { Topic = "d/a", Priority = EventPriority.Critical, Payload = System.Text.Encoding.UTF8.GetBytes(payload) };

    /// <summary>A connection that has got "0" whole and takes nothing more.</summary>
    private static TestConnection Stalled(LoopRig rig, params string[] selectors)
    {
        var connection = rig.Subscribe(selectors);
        rig.Settle();
        connection.OnSend = () => (connection.OnSend, connection.Room) = (null, 0);
        rig.Publish(selectors[0], "0");
        rig.Settle();
        return connection;
    }
}
