using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Delivery.BatchRig;

namespace Spillway.Tests.Delivery;

/// <summary>Nothing is lost because it waits: windows, ttl, keep-alives and lost marks.</summary>
public sealed class BatchLimitTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // At the subscriber's own wish.
    public void Batch_MostOfTheRulesWindowWaits_IsWrittenEarly(bool own)
    {
        using var rig = Rig(change: static options => options.Rules.Insert(0, new TopicRule { Pattern = "w", BacklogEvents = 8, Batch = TimeSpan.FromSeconds(1), Overflow = OverflowPolicy.DropOldest }));
        if (own)
        {
            Assert.True(rig.Dispatcher.TryChangeRules([new TopicRule { Pattern = "w", BacklogEvents = 8, Overflow = OverflowPolicy.DropOldest }], out _));
        }

        var connection = rig.Subscribe(Selectors.Of("w"), batch: own ? TimeSpan.FromSeconds(1) : null);
        Written(rig, connection, "w");

        for (var i = 1; i <= 6; i++)
        {
            rig.Advance(TimeSpan.FromMilliseconds(10));
            rig.Publish("w", $"{i}");
            rig.Settle();
        }

        Assert.Equal(["0"], connection.Received());
        rig.Advance(TimeSpan.FromMilliseconds(10));
        rig.Publish("w", "7");
        rig.Settle();

        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7"], connection.Received());
        Assert.Equal(1, rig.Loop.Counters.BatchesCutShort);
    }

    [Fact]
    public void Batch_MostBytesOfTheRulesWindowWait_AreWrittenEarly()
    {
        using var rig = Rig(change: static options => options.Rules.Insert(0, new TopicRule { Pattern = "w", BacklogBytes = 8 * 1024, Batch = TimeSpan.FromSeconds(1) }));
        var connection = rig.Subscribe("w");
        Written(rig, connection, "w");

        rig.Publish("w", new string('x', 5_000));
        rig.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Single(connection.Received());
        rig.Publish("w", new string('y', 2_000));
        rig.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal(3, connection.Received().Length);
    }

    [Theory]
    [InlineData("e/a")] // Not in history: it would be lost.
    [InlineData("s/a")]
    public void Batch_HubsWindowWouldGoPast_IsWrittenBefore(string topic)
    {
        using var rig = Rig(windowEvents: 64);
        var connection = rig.Subscribe(topic);
        Written(rig, connection, topic);
        rig.Publish(topic, "1");
        rig.Advance(TimeSpan.FromMilliseconds(10));

        var others = 0;
        while (connection.Received().Length == 1)
        {
            rig.Publish("other", $"{others++}");
            rig.Settle();
        }

        Assert.Equal(["0", "1"], connection.Received());
        Assert.Equal(32, others); // Half of the window.
        Assert.Equal((0L, 1L), (rig.Loop.Counters.ReplayStarts, rig.Loop.Counters.BatchesCutShort));
    }

    [Fact]
    public void Batch_HubsWindowWouldGoPastSome_TheOthersGoOnWaiting()
    {
        using var rig = Rig(windowEvents: 64);
        var (early, late) = (rig.Subscribe("s/a"), rig.Subscribe("s/b"));
        rig.Settle();
        rig.Publish("s/a", "0");
        rig.Publish("s/b", "0");
        rig.Settle();
        rig.Advance(TimeSpan.FromMilliseconds(10));
        rig.Publish("s/a", "1");
        rig.Settle();
        rig.Publish("other", [.. Enumerable.Range(0, 25).Select(static i => $"{i}")]);
        rig.Advance(TimeSpan.FromMilliseconds(10));
        rig.Publish("s/b", "1");

        rig.Publish("other", [.. Enumerable.Range(0, 10).Select(static i => $"{i}")]);
        rig.Advance(TimeSpan.FromMilliseconds(10));

        Assert.Equal((2, 1, 1), (early.Received().Length, late.Received().Length, rig.Loop.Batching));
        rig.Advance(TimeSpan.FromMilliseconds(1_100));
        Assert.Equal(["0", "1"], late.Received());
    }

    [Fact]
    public void Batch_HubsWindowIsTakenByFewBytes_IsWrittenBefore()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("e/a");
        Written(rig, connection, "e/a");
        rig.Publish("e/a", "1");
        rig.Advance(TimeSpan.FromMilliseconds(10));

        rig.Publish("other", new string('x', 300_000));
        rig.Settle();
        Assert.Equal(["0"], connection.Received());
        rig.Publish("other", new string('x', 300_000));
        rig.Settle();

        Assert.Equal(["0", "1"], connection.Received());
    }

    [Theory]
    [InlineData(400, 200)] // Half of its time.
    [InlineData(40, 0)] // Too short to wait at all.
    public void Batch_EventWouldExpire_IsWrittenBefore(int ttl, int after)
    {
        foreach (var own in (bool[])[false, true])
        {
            using var rig = Rig();
            var topic = own ? "n" : "s/a";
            var connection = rig.Subscribe(Selectors.Of(topic), batch: own ? TimeSpan.FromSeconds(1) : null);
            Written(rig, connection, topic);

            rig.Publish(new PushEvent { Topic = topic, Payload = "1"u8.ToArray(), Ttl = TimeSpan.FromMilliseconds(ttl) });
            rig.Settle();
            for (var waited = 0; waited < after; waited += 10)
            {
                Assert.Single(connection.Received());
                rig.Advance(TimeSpan.FromMilliseconds(10));
            }

            Assert.Equal(["0", "1"], connection.Received());
        }
    }

    [Fact]
    public void Batch_KeepAliveWhileSomethingWaits_WritesNeitherItNorACursorBehindIt()
    {
        using var rig = Rig(change: static options => options.Rules.Insert(0, new TopicRule { Pattern = "w", Batch = TimeSpan.FromSeconds(60) }));
        var connection = rig.Subscribe("w");
        Written(rig, connection, "w");
        rig.Publish("w", "1");
        rig.Publish("other", "x");

        rig.Advance(TimeSpan.FromMilliseconds(250), times: 200); // 50 s.

        Assert.Equal(["0"], connection.Received());
        Assert.EndsWith("\n:\n:\n:\n", System.Text.Encoding.UTF8.GetString(connection.Bytes), StringComparison.Ordinal);
        rig.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["0", "1"], connection.Received());
    }

    [Fact]
    public void Batch_ConnectionStalls_WaitsForItsSinkAlone()
    {
        using var rig = Rig();
        var connection = rig.Subscribe("b/a");
        Written(rig, connection, "b/a");
        connection.Stalled = true;
        rig.Publish("b/a", "1");
        rig.Advance(TimeSpan.FromMilliseconds(10), times: 20);
        rig.Publish("b/a", "2");
        rig.Advance(TimeSpan.FromMilliseconds(10), times: 20);
        Assert.Equal((1, 0), (connection.Received().Length, rig.Loop.Batching));

        rig.Release(connection);
        rig.Settle();

        Assert.Equal(["0", "1", "2"], connection.Received());
        Assert.Equal((0L, 0), (rig.Loop.Counters.Missed.Sum(), rig.Loop.ExtraStates));
    }

    [Fact]
    public void Batch_PagesOfHistory_DoNotWait()
    {
        using var rig = Rig(windowEvents: 16);
        rig.Publish("s/a", [.. Enumerable.Range(0, 100).Select(static i => $"{i}")]);

        var connection = rig.Subscribe(Selectors.Of("s/a"), after: 0, batch: TimeSpan.FromSeconds(60));
        rig.Settle();

        Assert.Equal(100, connection.Received().Length);
    }

    [Fact]
    public void MarkAll_TooManyMarks_VisitsThoseThatWaitAsWell()
    {
        using var rig = Rig(change: static options => options.Delivery.WindowEvents = 128 * 1024);
        var connection = rig.Subscribe(Selectors.Of("b/a", "b/*"), batch: TimeSpan.FromSeconds(1));
        Written(rig, connection, "b/a");
        var many = Enumerable.Range(0, 66).Select(i => Selectors.Of(Enumerable.Range(0, 1_000).Select(j => $"b/{i}-{j}"))).ToList();
        many.ForEach(set => rig.Subscribe(set));
        rig.Settle();
        foreach (var set in many)
        {
            rig.Publish([.. set.Topics.Select(static topic => new PushEvent { Topic = System.Text.Encoding.UTF8.GetString(topic) })]);
        }

        rig.Publish("b/a", "last");
        rig.Settle();
        Assert.Equal("last", connection.Received()[^1]);
        rig.Publish("b/a", "again");
        rig.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("again", connection.Received()[^1]);
    }
}
