using System.Globalization;
using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>
/// Publishers, subscribers, stalls, cut writes and reconnects at the same time, on a window so small that everybody falls out of it; then every subscriber's bytes are
/// compared with what was published.
/// </summary>
public sealed class HubPropertyTests
{
    private const int Publishers = 2;

    private static readonly string[] Topics = ["r/0", "r/1", "r/2", "r/a/b", "drop/0", "drop/1", "eph/0", "eph/1", "newest/0", "latest/0", "latest/1", "other"];
    private static readonly string[] Patterns = ["r/*", "r/**", "**", "drop/*", "eph/**", "*/0"];

    public static TheoryData<int> Seeds
    {
        get
        {
            if (int.TryParse(Environment.GetEnvironmentVariable("SPILLWAY_TEST_SEED"), CultureInfo.InvariantCulture, out var only))
            {
                return [only]; // To run a failure again.
            }

            var all = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all";
            return [.. Enumerable.Range(1, all ? 400 : 24)];
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Hub_PublishersStallsAndReconnects_DeliversInOrderAndTellsEveryLoss(int seed)
    {
        var random = new Random(seed);
        var options = MakeOptions(random);
        await using var harness = new HubHarness(options, seed, faultRate: random.Next(3) * 0.2);
        var published = new List<PublishedEvent>();
        var total = random.Next(300, 900);
        var subscribers = Enumerable.Range(0, random.Next(4, 16)).Select(i => new ModelSubscriber(
            harness, MakeSelectors(random), connections: random.Next(2) == 0 ? 1 : random.Next(2, 5), random.Next(5) == 0, new Random((seed * 100) + i))).ToList();

        int Count()
        {
            lock (published)
            {
                return published.Count;
            }
        }

        var running = subscribers.Select(subscriber => Task.Run(() => subscriber.RunAsync(Count, total), TestContext.Current.CancellationToken)).ToList();
        var publishing = Enumerable.Range(0, Publishers).Select(i => Task.Run(
            () => PublishAsync(harness, published, total, new Random((seed * 7) + i)), TestContext.Current.CancellationToken)).ToList();
        await harness.UntilAsync(() => publishing.TrueForAll(static task => task.IsCompleted), "publishing");
        await Task.WhenAll(publishing);
        await harness.UntilAsync(() => running.TrueForAll(static task => task.IsCompleted), "reconnecting");
        await Task.WhenAll(running);
        harness.Heal();
        for (var i = 0; i < 2; i++)
        {
            // Twice: the first may be the end of a replay, behind which its loop tells what was missed.
            PublishOne(harness, published, [new PushEvent { Topic = "fin" }], new Random(0));
            var sentinel = Encoding.UTF8.GetBytes($"data: {published.Count - 1} ");
            await harness.UntilAsync(() => subscribers.TrueForAll(subscriber => subscriber.Last.Bytes.AsSpan().IndexOf(sentinel) >= 0), "the last event");
        }

        Assert.All(subscribers, subscriber => subscriber.Judge(published));
        Assert.True(harness.Hub.Replayer.PagesInFlight <= options.Delivery.ReplayPages);
    }

    private static SpillwayOptions MakeOptions(Random random)
    {
        var options = new SpillwayOptions();
        options.Delivery.WindowEvents = 32 << random.Next(4);
        options.Delivery.WindowBytes = 64 * 1024;
        options.Delivery.Loops = random.Next(1, 4);
        options.Delivery.ReplayPages = random.Next(1, 5);
        options.Rules.Add(new TopicRule { Pattern = "eph/**", History = false, BacklogEvents = 8 });
        options.Rules.Add(new TopicRule { Pattern = "drop/**", Overflow = OverflowPolicy.DropOldest, BacklogEvents = 8, BacklogBytes = 2048 });
        options.Rules.Add(new TopicRule { Pattern = "newest/**", Overflow = OverflowPolicy.DropNewest, BacklogEvents = 8 });
        options.Rules.Add(new TopicRule { Pattern = "latest/**", Overflow = OverflowPolicy.Latest, BacklogEvents = 8 });
        return options;
    }

    private static SelectorSet MakeSelectors(Random random)
    {
        var topics = Topics.Where(_ => random.Next(4) == 0).Append("fin").ToList();
        var patterns = Patterns.Where(_ => random.Next(6) == 0)
            .Select(static text => TopicPattern.TryParse(text, out var pattern, out _) ? pattern! : throw new InvalidOperationException(text));
        return new SelectorSet(topics, patterns);
    }

    private static async Task PublishAsync(HubHarness harness, List<PublishedEvent> published, int total, Random random)
    {
        while (true)
        {
            lock (published)
            {
                if (published.Count >= total)
                {
                    return;
                }
            }

            var batch = Enumerable.Range(0, random.Next(1, random.Next(4) == 0 ? 40 : 4)).Select(_ => new PushEvent
            {
                Topic = Topics[random.Next(Topics.Length)],
                Alternates = random.Next(5) == 0 ? [Topics[random.Next(4)]] : [],
                Key = random.Next(2) == 0 ? "k" : null,
                Priority = random.Next(6) switch { 0 => EventPriority.Critical, 1 => EventPriority.Low, _ => EventPriority.Normal },
            }).ToArray();
            PublishOne(harness, published, batch, random);
            await Task.Yield();
        }
    }

    private static void PublishOne(HubHarness harness, List<PublishedEvent> published, PushEvent[] batch, Random random)
    {
        lock (published)
        {
            foreach (var source in batch)
            {
                var padding = new string('x', random.Next(12) == 0 ? random.Next(6_000) : random.Next(30));
                var payload = string.Create(CultureInfo.InvariantCulture, $"{published.Count} {padding}");
                var stamped = new PushEvent { Topic = source.Topic, Alternates = source.Alternates, Key = source.Key, Priority = source.Priority, Payload = Encoding.UTF8.GetBytes(payload) };
                var (offset, ephemeral) = harness.Publish(stamped);
                published.Add(new PublishedEvent(published.Count, stamped, offset, ephemeral));
            }
        }
    }
}
