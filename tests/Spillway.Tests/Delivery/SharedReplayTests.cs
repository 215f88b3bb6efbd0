using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery;

public sealed class SharedReplayTests
{
    private const int Events = 1_000;
    private const int EventsInAPage = 66;

    [Fact]
    public async Task Replay_AThousandFromYesterday_AreServedByTheReadingOfAFew()
    {
        await using var harness = Harness();
        PublishAll(harness);
        var cursors = Enumerable.Range(0, 1_000).Select(static i => (i % 10) * 37L).ToArray();

        var connections = await ConnectAsync(harness, cursors);
        await harness.UntilAsync(() => connections.TrueForAll(IsUpToDate), "all replays");

        var replayer = harness.Hub.Replayer;
        Assert.All(connections.Zip(cursors), static pair => Assert.Equal(Enumerable.Range((int)pair.Second + 1, Events - (int)pair.Second), Numbers(pair.First)));
        var fewest = cursors.Sum(static cursor => (Events - cursor + EventsInAPage - 1) / EventsInAPage); // Who reads a stretch first decides where pages end: some have one more.
        Assert.True(replayer.PagesRead >= fewest, $"{replayer.PagesRead} pages, {fewest} at least.");
        Assert.InRange(replayer.PagesRead - replayer.PagesShared, 15, 150); // One reader alone needs 16; two may read the same at once.
        Assert.InRange(replayer.CacheBytes, 1, harness.Options.Delivery.ReplayCacheBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public async Task Replay_SmallCacheOrNone_StaysWithinItAndIsStillRight(int cacheBytes)
    {
        await using var harness = Harness(cacheBytes);
        PublishAll(harness);

        var connections = await ConnectAsync(harness, [0, 0, 37, 500, 700]);
        var most = 0L;
        await harness.UntilAsync(
            () =>
            {
                most = Math.Max(most, harness.Hub.Replayer.CacheBytes);
                return connections.TrueForAll(IsUpToDate);
            },
            "all replays");

        Assert.InRange(most, 0, cacheBytes);
        Assert.Equal(Enumerable.Range(38, Events - 37), Numbers(connections[2]));
    }

    [Fact]
    public async Task Replay_OtherSetOrFormat_SharesNothing()
    {
        await using var harness = Harness();
        PublishAll(harness);
        var first = await ConnectAsync(harness, [0]);
        await harness.UntilAsync(() => first.TrueForAll(IsUpToDate), "the first replay");

        var (_, json) = await harness.ConnectAsync(Request(0) with { Format = WireFormat.SseJson });
        var (_, both) = await harness.ConnectAsync(Request(0) with { Selectors = Selectors.Of("a", "b") });
        await harness.UntilAsync(() => json.Bytes.Length > first[0].Bytes.Length && IsUpToDate(both), "the others");

        Assert.Equal(0, harness.Hub.Replayer.PagesShared);
    }

    [Fact]
    public async Task Replay_AnEventExpiredSinceItWasRead_IsNotSentFromTheCache()
    {
        await using var harness = Harness();
        harness.Publish(new PushEvent { Topic = "a", Payload = "1"u8.ToArray(), Ttl = TimeSpan.FromMinutes(1) });
        PublishAll(harness);
        var early = await ConnectAsync(harness, [0]);
        await harness.UntilAsync(() => early.TrueForAll(IsUpToDate), "the replay before");
        harness.Clock.Advance(TimeSpan.FromMinutes(2));

        var late = await ConnectAsync(harness, [0]);
        await harness.UntilAsync(() => late.TrueForAll(IsUpToDate), "the replay after");

        Assert.Equal((Events + 1, Events), (Numbers(early[0]).Length, Numbers(late[0]).Length));
    }

    private static HubHarness Harness(int cacheBytes = 16 * 1024 * 1024)
    {
        var options = new SpillwayOptions();
        (options.Delivery.WindowEvents, options.Delivery.WindowBytes, options.Delivery.ReplayCacheBytes) = (16, 128 * 1024, cacheBytes);
        return new HubHarness(options);
    }

    /// <summary>Numbered events, each of about a kilobyte.</summary>
    private static void PublishAll(HubHarness harness)
    {
        for (var i = 1; i <= Events; i++)
        {
            harness.Publish("a", $"{i}{new string(' ', 950)}");
        }
    }

    private static async Task<List<TestConnection>> ConnectAsync(HubHarness harness, long[] cursors)
    {
        var connections = new List<TestConnection>();
        foreach (var cursor in cursors)
        {
            connections.Add((await harness.ConnectAsync(Request(cursor))).Connection);
        }

        return connections;

        SubscriptionRequest Request(long cursor) => SharedReplayTests.Request(cursor) with { Start = StartKind.Cursor, Cursor = new Position(harness.History.Epoch, cursor).ToString() };
    }

    private static SubscriptionRequest Request(long cursor) => new(Selectors.Of("a"), WireFormat.SseRaw, true) { Start = cursor == 0 ? StartKind.Earliest : StartKind.Cursor };

    private static bool IsUpToDate(TestConnection connection) => connection.Bytes.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes($"data: {Events} ")) >= 0;

    private static int[] Numbers(TestConnection connection) => [.. connection.Payloads().Select(static payload => int.Parse(payload.Trim(), System.Globalization.CultureInfo.InvariantCulture))];
}
