using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>A connection that changes what it is subscribed to, while it is live, cut, behind or in replay.</summary>
public sealed class SetChangeTests
{
    private static readonly string[] Topics = ["a", "b", "c/1", "c/2", "d"];

    [Fact]
    public async Task ChangeAsync_RandomChangesUnderFaults_EachEventComesOnceIfItsTopicIsInTheSet()
    {
        var changed = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            changed += await RunAsync(seed);
        }

        Assert.True(changed > 200, $"Too little was tried: {changed} changes.");
    }

    [Fact]
    public async Task EndAsync_InTheMiddleOfAnEvent_WritesItsBytesBehindTheEvent()
    {
        await using var harness = new HubHarness(SmallHub.Small());
        var (subscription, connection) = await harness.ConnectAsync(Ask("a"));
        await harness.UntilAsync(() => connection.Number >= 0, "adoption");
        connection.Room = 10;
        harness.Publish("a", "whole");
        await harness.UntilAsync(() => connection.Bytes.Length == 10, "a part");
        var ending = subscription.Live.EndAsync("bye"u8.ToArray(), CloseReason.ClientClosed);
        connection.Room = int.MaxValue;
        await harness.UntilAsync(() => connection.Reason is not null, "the end");

        Assert.Equal(AskOutcome.Done, await ending);
        Assert.EndsWith("data: whole\n\nbye", Encoding.UTF8.GetString(connection.Bytes), StringComparison.Ordinal);
        Assert.Equal(CloseReason.ClientClosed, connection.Reason);
        Assert.Equal(AskOutcome.Gone, await subscription.Live.SayAsync("late"u8.ToArray()));
    }

    private static async Task<int> RunAsync(int seed)
    {
        var random = new Random(seed);
        await using var harness = new HubHarness(SmallHub.Small(), seed, faultRate: 0.3);
        var first = RandomSet(random);
        var set = first;
        var (subscription, connection) = await harness.ConnectAsync(Ask(set));
        var (published, changes) = (new List<(long Offset, string Topic)>(), new List<(string[] Set, Task<AskOutcome> Done)>());
        for (var step = 0; step < 60; step++)
        {
            if (random.Next(5) == 0 && (changes.Count == 0 || changes[^1].Done.IsCompleted))
            {
                set = RandomSet(random);
                var number = changes.Count;
                changes.Add((set, subscription.Live.ChangeAsync(Ask(set).Selectors, position => Encoding.ASCII.GetBytes($"event: changed\ndata: {number} {position}\n\n"), null, null)!));
            }

            for (var i = random.Next(12); i > 0; i--)
            {
                var topic = Topics[random.Next(Topics.Length)];
                published.Add((harness.Publish(topic, $"{published.Count} {new string('x', random.Next(3) == 0 ? 3_000 : 3)}").Offset, topic));
            }

            harness.Resume();
            if (changes.Count > 0 && random.Next(3) == 0)
            {
                await harness.UntilAsync(() => changes[^1].Done.IsCompleted, "a change");
            }
        }

        harness.Heal();
        if (changes.Count > 0)
        {
            await harness.UntilAsync(() => changes[^1].Done.IsCompleted, "the last change");
        }

        set = [.. Topics];
        var lastNumber = changes.Count;
        var last = subscription.Live.ChangeAsync(Ask(set).Selectors, position => Encoding.ASCII.GetBytes($"event: changed\ndata: {lastNumber} {position}\n\n"), null, null)!;
        changes.Add((set, last));
        await harness.UntilAsync(() => last.IsCompleted, "a change to all");
        published.Add((harness.Publish("a", $"{published.Count} end").Offset, "a"));
        await harness.UntilAsync(() => SseReader.Parse(connection.Bytes) is [.., { Data: var data }] && data.EndsWith("end", StringComparison.Ordinal), "the last event");

        Check(seed, connection, published, first, [.. changes.Select(static change => change.Set)]);
        Assert.All(await Task.WhenAll(changes.Select(static change => change.Done)), static outcome => Assert.Equal(AskOutcome.Done, outcome));
        return changes.Count;
    }

    /// <summary>Where each set begins and ends is told; between the two, what is in it has come, and nothing else.</summary>
    private static void Check(int seed, TestConnection connection, List<(long Offset, string Topic)> published, string[] first, List<string[]> sets)
    {
        var (expected, found) = (new List<string>(), new List<string>());
        var from = new List<long>();
        foreach (var one in SseReader.Parse(connection.Bytes).Where(static one => !one.Type.StartsWith("spillway-", StringComparison.Ordinal)))
        {
            if (one.Type == "changed")
            {
                var parts = one.Data.Split(' ');
                Assert.Equal(from.Count, int.Parse(parts[0], null));
                Assert.True(Position.TryParse(parts[1], out var position));
                from.Add(position.Offset);
                found.Add($"set {parts[0]}");
            }
            else
            {
                found.Add(one.Data.Split(' ')[0]);
            }
        }

        Assert.Equal(sets.Count, from.Count);
        var number = 0;
        var current = -1;
        foreach (var (offset, topic) in published)
        {
            while (current + 1 < from.Count && from[current + 1] < offset)
            {
                expected.Add($"set {++current}");
            }

            if ((current < 0 ? first : sets[current]).Any(name => Matches(name, topic)))
            {
                expected.Add($"{number}");
            }

            number++;
        }

        Assert.True(expected.SequenceEqual(found), $"Seed {seed}:\n{string.Join(' ', expected)}\n{string.Join(' ', found)}");
    }

    private static bool Matches(string selector, string topic) => selector == topic || (selector == "c/*" && topic.StartsWith("c/", StringComparison.Ordinal));

    private static string[] RandomSet(Random random)
    {
        string[] pool = [.. Topics, "c/*"];
        random.Shuffle(pool);
        return pool[..random.Next(1, 5)];
    }

    private static SubscriptionRequest Ask(params string[] names) => new(Selectors.Of(names), WireFormat.SseRaw, Signals: true);
}
