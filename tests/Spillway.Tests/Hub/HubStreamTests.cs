using System.Globalization;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>A whole hub with its threads: where streams begin, and how they end.</summary>
public sealed class HubStreamTests
{
    [Theory]
    [InlineData(nameof(StartKind.Now), new string[0])]
    [InlineData(nameof(StartKind.Cursor), new[] { "3", "5" })]
    [InlineData(nameof(StartKind.Earliest), new[] { "1", "3", "5" })]
    [InlineData(nameof(StartKind.Since), new[] { "5" })]
    [InlineData(nameof(StartKind.Last), new[] { "3", "5" })]
    [InlineData(nameof(StartKind.Snapshot), new[] { "3", "5" })]
    public async Task Subscribe_EveryStart_BeginsWhereItSaysAndGoesOnLive(string start, string[] expected)
    {
        await using var harness = new HubHarness(Small());
        var first = Publish(harness, "a", "1", key: "k");
        harness.Publish("b", "2");
        Publish(harness, "a", "3", key: "k");
        harness.Clock.Advance(TimeSpan.FromMinutes(1));
        var since = harness.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        harness.Publish("b", "4");
        Publish(harness, "a", "5", key: "other");
        var (_, connection) = await harness.ConnectAsync(Request("a") with
        {
            Start = Enum.Parse<StartKind>(start),
            Cursor = new Position(harness.History.Epoch, first).ToString(),
            Since = since,
            Last = 2,
        });
        Publish(harness, "a", "live");

        await harness.UntilAsync(() => connection.Payloads() is [.., "live"], "the live event");

        Assert.Equal([.. expected, "live"], connection.Received());
    }

    [Fact]
    public async Task Subscribe_CursorOfAnotherHistory_ReplaysAllAndSaysLost()
    {
        await using var harness = new HubHarness(Small());
        harness.Publish("a", "1");
        var (subscription, connection) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Cursor, Cursor = "1zzz-7" });

        await harness.UntilAsync(() => connection.Payloads().Length == 1, "the event");

        Assert.Equal(["gap lost 7-0 ?", "1"], connection.Received());
        Assert.Equal(0, subscription.Resume.Offset);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Subscribe_SnapshotWhilePublishing_HasNoHoleAndNoRepeat(int seed)
    {
        await using var harness = new HubHarness(Small(), seed, faultRate: 0.2);
        var random = new Random(seed);
        var published = new List<(string Key, int Number)>();
        var publishing = Task.Run(
            () =>
            {
                for (var i = 0; i < 1_500; i++)
                {
                    lock (published)
                    {
                        var key = $"k{random.Next(40)}";
                        Publish(harness, "a", $"{key} {i}", key);
                        published.Add((key, i));
                    }
                }
            },
            TestContext.Current.CancellationToken);
        var connections = new List<TestConnection>();
        for (var i = 0; i < 6; i++)
        {
            await harness.UntilAsync(() => published.Count >= Math.Min(1_400, i * 200), "the publisher");
            var (_, connection) = await harness.ConnectAsync(Request("a") with { Start = StartKind.Snapshot });
            connections.Add(connection);
        }

        await publishing;
        harness.Heal();
        Publish(harness, "a", "end 1500", "end");
        await harness.UntilAsync(() => connections.TrueForAll(static connection => connection.Payloads() is [.., "end 1500"]), "the last event");

        foreach (var connection in connections)
        {
            var got = connection.Payloads().SkipLast(1).Select(static text => int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture)).ToList();
            var cut = Enumerable.Range(0, published.Count + 1).FirstOrDefault(upTo => got.SequenceEqual(SnapshotAndRest(published, upTo)), -1);
            Assert.True(cut >= 0, $"No moment has this snapshot with all that follows: {string.Join(' ', got)}");
        }
    }

    /// <summary>The newest event of every key up to some event, then all the others.</summary>
    private static IEnumerable<int> SnapshotAndRest(List<(string Key, int Number)> published, int upTo) =>
        published.Take(upTo).GroupBy(static entry => entry.Key).Select(static group => group.Last().Number).Order().Concat(Enumerable.Range(upTo, published.Count - upTo));

    [Fact]
    public async Task Publish_FinalEvents_EndTheStreamAfterTheLastAndThenNothingFollows()
    {
        await using var harness = new HubHarness(Small());
        var (subscription, connection) = await harness.ConnectAsync(Request("a", "b"));
        harness.Publish(new PushEvent { Topic = "a", Payload = "last of a"u8.ToArray(), Final = true });
        harness.Publish("b", "1");
        harness.Publish(new PushEvent { Topic = "b", Payload = "last of b"u8.ToArray(), Final = true });

        Assert.Equal(CloseReason.TopicsEnded, await Within(connection.Running));
        Assert.Equal(["last of a", "1", "last of b", "end"], connection.Received());
        var cursor = new Position(harness.History.Epoch, harness.History.Head).ToString();
        using var again = await harness.Hub.SubscribeAsync(Request("a", "b") with { Start = StartKind.Cursor, Cursor = cursor }, TestContext.Current.CancellationToken);
        using var earlier = await harness.Hub.SubscribeAsync(
            Request("a", "b") with { Start = StartKind.Cursor, Cursor = subscription.Resume.ToString() }, TestContext.Current.CancellationToken);
        Assert.True(again!.NothingFollows);
        Assert.False(earlier!.NothingFollows);
    }
}
