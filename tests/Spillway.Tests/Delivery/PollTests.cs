using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Delivery.Polled;

namespace Spillway.Tests.Delivery;

/// <summary>Connections that end with their first answer.</summary>
public sealed class PollTests : IDisposable
{
    private readonly LoopRig _rig = CreateRig();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Poll_NothingComes_EndsWhenItHasWaited()
    {
        _rig.Publish("a", "1");
        var poll = Poll(wait: 25);
        var connection = _rig.Ask(Selectors.Of("a"), poll, after: _rig.History.Head);
        _rig.Publish("other", "2");
        Turn();

        _rig.Advance(TimeSpan.FromSeconds(1), 24);
        Assert.Null(connection.Reason);
        _rig.Advance(TimeSpan.FromSeconds(1), 2);

        Assert.Equal((CloseReason.Answered, 0, _rig.History.Head, false), (connection.Reason, connection.Bytes.Length, Offset(poll), poll.More));
        Assert.Equal(0, _rig.Loop.ExtraStates);
    }

    [Fact]
    public void Poll_EventComes_EndsWithIt()
    {
        var poll = Poll();
        var connection = _rig.Ask(Selectors.Of("a"), poll, after: 0);
        Turn();
        Assert.Null(connection.Reason);

        _rig.Publish("a", "1");
        Turn();

        Assert.Equal((CloseReason.Answered, 1L), (connection.Reason, Offset(poll)));
        Assert.Equal(["1"], Payloads(connection));
    }

    [Fact]
    public void Poll_WithoutWaiting_TakesAllPagesUntilNothingIsLeft()
    {
        _rig.PublishMany();
        var poll = Poll(wait: 0);
        var connection = _rig.Ask(Selectors.Of("b"), poll, after: 0);
        Turn();

        Assert.Equal((CloseReason.Answered, 100L, false), (connection.Reason, Offset(poll), poll.More));
        Assert.Equal(Enumerable.Range(0, 100).Select(static i => $"{i}"), Payloads(connection));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Poll_ExpiredBehindItsBound_IsToldWithTheNextOne(bool inReplay)
    {
        var ttl = TimeSpan.FromSeconds(1);
        _rig.Publish(new PushEvent { Topic = "a", Payload = "x"u8.ToArray(), Ttl = ttl });
        _rig.Publish("a", "1", "2");
        _rig.Publish(new PushEvent { Topic = "a", Payload = "y"u8.ToArray(), Ttl = ttl }, new PushEvent { Topic = "a", Payload = "z"u8.ToArray(), Ttl = ttl });
        _rig.Publish("a", "3");
        if (inReplay)
        {
            _rig.Flood();
        }

        _rig.Clock.Advance(TimeSpan.FromSeconds(5));
        var first = Poll(events: 2);
        var one = _rig.Ask(Selectors.Of("a"), first, after: 0);
        Turn();
        var second = Poll();
        var two = _rig.Ask(Selectors.Of("a"), second, after: Offset(first));
        Turn();

        Assert.Equal(["1", "2"], Payloads(one));
        Assert.Equal(["3"], Payloads(two));
        Assert.Equal((true, false), (first.More, second.More));
        Assert.Equal(1, Assert.Single(Gaps(one)).GetProperty("count").GetInt32());
        Assert.Equal(2, Assert.Single(Gaps(two)).GetProperty("count").GetInt32());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Poll_EventLargerThanItsRoom_GoesInAloneAndNotBehindOthers(bool inReplay)
    {
        _rig.Publish("a", "1", new string('x', 3_000), "2");
        if (inReplay)
        {
            _rig.Flood();
        }

        List<int> lengths = [];
        long after = 0;
        for (var i = 0; i < 3; i++)
        {
            var poll = Poll(bytes: 1_024);
            var connection = _rig.Ask(Selectors.Of("a"), poll, after);
            Turn();
            lengths.Add(Assert.Single(Payloads(connection)).Length);
            Assert.Equal((CloseReason.Answered, i < 2), (connection.Reason, poll.More));
            after = Offset(poll);
        }

        Assert.Equal([1, 3_000, 1], lengths);
    }

    [Fact]
    public void Poll_TimeIsOverBeforeThePageHasCome_TakesThatPageAndEnds()
    {
        _rig.Publish("a", "1");
        _rig.Flood();
        var poll = Poll(wait: 1);
        var connection = _rig.Ask(Selectors.Of("a"), poll, after: 0);
        _rig.Loop.Turn();
        _rig.Advance(TimeSpan.FromSeconds(1), 3);
        Assert.Null(connection.Reason);

        Turn();

        Assert.Equal((CloseReason.Answered, true), (connection.Reason, poll.More));
        Assert.Equal(["1"], Payloads(connection));
    }

    [Fact]
    public void Poll_SnapshotBeyondItsBound_GoesOnAsHistory()
    {
        foreach (var value in (string[])["a1", "b1", "a2", "c1", "b2"])
        {
            _rig.Publish(new PushEvent { Topic = "t", Key = value[..1], Payload = Encoding.UTF8.GetBytes(value) });
        }

        var first = Poll(events: 1);
        var one = _rig.Ask(Selectors.Of("t"), first, after: 0, snapshot: true);
        Turn();
        var two = _rig.Ask(Selectors.Of("t"), Poll(), after: Offset(first));
        Turn();

        Assert.Equal(["a2"], Payloads(one));
        Assert.Equal(["c1", "b2"], Payloads(two));
    }

    [Fact]
    public void Poll_AheadOfTheHub_WaitsForItAndKeepsItsCursor()
    {
        var poll = Poll(wait: 1);
        var connection = _rig.Ask(Selectors.Of("a"), poll, after: 10);
        _rig.Publish("a", "1");
        Turn();
        _rig.Advance(TimeSpan.FromSeconds(1), 2);

        Assert.Equal((CloseReason.Answered, 0, 10L), (connection.Reason, connection.Bytes.Length, Offset(poll)));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("batched/a", false)]
    public void Poll_BatchInterval_CountsFromItsBeginning(string topic, bool own)
    {
        _rig.Publish(topic, "1");
        var connection = _rig.Ask(Selectors.Of(topic), Poll(), after: 0, batch: own ? TimeSpan.FromSeconds(1) : null);
        Turn();
        _rig.Advance(TimeSpan.FromMilliseconds(100), 5);
        _rig.Publish(topic, "2");
        _rig.Advance(TimeSpan.FromMilliseconds(100), 4);
        Assert.Empty(connection.Bytes);

        _rig.Advance(TimeSpan.FromMilliseconds(100), 4);

        Assert.Equal(["1", "2"], Payloads(connection));
        Assert.Equal(CloseReason.Answered, connection.Reason);
    }

    [Fact]
    public void Poll_CriticalEventIsThere_DoesNotWaitForTheBatch()
    {
        _rig.Publish("batched/a", "1");
        _rig.Publish(new PushEvent { Topic = "batched/a", Payload = "2"u8.ToArray(), Priority = EventPriority.Critical });
        var connection = _rig.Ask(Selectors.Of("batched/a"), Poll(), after: 0);
        Turn();

        Assert.Equal(["1", "2"], Payloads(connection));
    }

    [Fact]
    public void Poll_BatchIntervalIsLongerThanItWaits_GetsWhatWaited()
    {
        _rig.Publish("a", "1");
        var connection = _rig.Ask(Selectors.Of("a"), Poll(wait: 1), after: 0, batch: TimeSpan.FromSeconds(30));
        Turn();
        Assert.Empty(connection.Bytes);

        _rig.Advance(TimeSpan.FromMilliseconds(500), 3);

        Assert.Equal(["1"], Payloads(connection));
    }

    [Fact]
    public void Poll_HubDrains_EndsWithTheSignalAndTheDelay()
    {
        var poll = Poll();
        var connection = _rig.Ask(Selectors.Of("a"), poll, after: 0);
        Turn();
        _rig.Loop.Post(new LoopCommand(LoopCommandKind.Drain));
        Turn();

        Assert.Equal((CloseReason.Shutdown, 1_234, 0L), (connection.Reason, poll.Retry, Offset(poll)));
        Assert.Equal("drain", Assert.Single(Entries(connection)).GetProperty("signal").GetString());
    }

    [Fact]
    public void Poll_WithoutSignals_GetsEventsOnlyAndPassesGaps()
    {
        _rig.Publish(new PushEvent { Topic = "a", Payload = "x"u8.ToArray(), Ttl = TimeSpan.FromSeconds(1) });
        _rig.Clock.Advance(TimeSpan.FromSeconds(5));
        _rig.Publish("a", "1");
        var connection = _rig.Ask(Selectors.Of("a"), Poll(), after: 0, signals: false);
        Turn();

        Assert.Equal("1", Assert.Single(Entries(connection)).GetProperty("payload").GetString());
    }

    private void Turn()
    {
        for (var i = 0; i < 20 && (_rig.Turn() || i < 3); i++)
        {
        }
    }
}
