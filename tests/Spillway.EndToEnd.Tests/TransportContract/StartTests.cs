using System.Globalization;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>Where streams begin.</summary>
public sealed class StartTests(ContractHub hub) : IClassFixture<ContractHub>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Start_EveryKind_GetsWhatItAsksForAndThenWhatComes(TransportCase @case)
    {
        (string Start, string[] Expected)[] starts =
        [
            ("", []), ("&earliest", ["x1", "y2", "x3", "4"]), ("&earliest=false", []), ("&last=2", ["x3", "4"]), ("&since=1h", ["x1", "y2", "x3", "4"]),
            ("&since=2000-01-01T00:00:00Z", ["x1", "y2", "x3", "4"]), ("&since=2999-01-01T00:00:00Z", []), ("&snapshot", ["y2", "x3", "4"]), ("&cursor=", ["x3", "4"]),
        ];
        var server = hub.For(@case);

        foreach (var (start, expected) in starts)
        {
            var topic = ContractHub.NewTopic();
            var cursors = await PublishAsync(server, topic, "x1", "y2", "x3", "4");
            await server.PublishAsync(ContractHub.NewTopic(), "for somebody else");

            await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}{start}{(start == "&cursor=" ? cursors[1] : "")}");
            await PublishAsync(server, topic, "live");

            Assert.Equal([.. expected, "live"], await subscriber.NextTextsAsync(expected.Length + 1));
        }
    }

    [Theory]
    [TransportCases]
    public async Task LastEventId_BesideAnotherStart_Wins(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        var cursors = await PublishAsync(server, topic, "1", "2", "3");

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}&earliest", cursors[1]);
        var position = subscriber.Position;

        Assert.Equal(cursors[1], position);
        Assert.Equal("3", (await subscriber.NextEventAsync()).Text);
    }

    [Theory]
    [TransportCases]
    public async Task Cursor_OfOneTransport_ResumesOnEveryOther(TransportCase @case)
    {
        var server = hub.For(@case);
        var topic = ContractHub.NewTopic();
        string position;
        await using (var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic={topic}"))
        {
            await PublishAsync(server, topic, "seen", "missed", "too");
            Assert.Equal("seen", (await subscriber.NextEventAsync()).Text);
            position = subscriber.Position;
        }

        foreach (var other in TransportCase.All.Where(other => hub.For(other) == server))
        {
            await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, other, $"topic={topic}&cursor={position}");
            Assert.Equal(["missed", "too"], await subscriber.NextTextsAsync(2));
        }
    }

    [Theory]
    [TransportCases]
    public async Task Cursor_OfAnotherHistory_IsToldAsLostBeforeTheOldestEvent(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case);
        var cursors = await PublishAsync(server, "a", "1", "2");
        foreach (var (query, header) in (IEnumerable<(string, string?)>)[("topic=a&cursor=1abc-1", null), ("topic=a", "1abc-1"), ("topic=a", "id of another server"), ("topic=a", new string('x', 100))])
        {
            await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, query, header);

            var gap = await subscriber.NextSignalAsync("gap");
            var events = new[] { await subscriber.NextEventAsync(), await subscriber.NextEventAsync() };

            var from = header ?? "1abc-1";
            Assert.Equal(("lost", from[..Math.Min(64, from.Length)], null, false), (gap.Text("reason"), gap.Text("from"), gap.Number("count"), gap.Members.GetProperty("exact").GetBoolean()));
            Assert.Equal(gap.Text("to"), gap.Id); // Behind it the rest is whole.
            Assert.Equal(cursors, events.Select(static item => item.Id));
        }
    }

    [Theory]
    [TransportCases]
    public async Task Cursor_OlderThanRetention_IsToldAGapWithItsExactCount(TransportCase @case)
    {
        const int Kept = 16, Published = 40, Seen = 3;
        await using var server = await ContractHub.StartAsync(@case, static options => (options.History.MaxEvents, options.Delivery.WindowEvents) = (Kept, Kept));
        var cursors = await PublishAsync(server, "a", [.. Enumerable.Range(0, Published).Select(static i => i.ToString(CultureInfo.InvariantCulture))]);

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, $"topic=a&cursor={cursors[Seen]}");
        var gap = await subscriber.NextSignalAsync("gap");
        var first = int.Parse((await subscriber.NextEventAsync()).Text, CultureInfo.InvariantCulture);
        var rest = await subscriber.NextTextsAsync(Published - first - 1);

        Assert.InRange(first, Seen + 2, Published - Kept);
        Assert.Equal(("retention", cursors[Seen], cursors[first - 1]), (gap.Text("reason"), gap.Text("from"), gap.Text("to")));
        Assert.Equal((first - Seen - 1, true, cursors[Seen]), (gap.Number("count"), gap.Members.GetProperty("exact").GetBoolean(), gap.Id));
        Assert.Equal(Enumerable.Range(first + 1, Published - first - 1).Select(static i => $"{i}"), rest);
    }

    [Theory]
    [TransportCases]
    public async Task Snapshot_BeyondItsLimit_IsToldAGapBeforeTheNewestValues(TransportCase @case)
    {
        await using var server = await ContractHub.StartAsync(@case, static options => options.Limits.SnapshotKeys = 2);
        await PublishAsync(server, "a", "x1", "y2", "z3", "x4");

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a&snapshot");
        var gap = await subscriber.NextSignalAsync("gap");
        await PublishAsync(server, "a", "live");

        Assert.Equal("overflow", gap.Text("reason"));
        Assert.Equal(["z3", "x4", "live"], await subscriber.NextTextsAsync(3));
    }

    /// <summary>Publishes one event each, whose key is the text's first letter; a number has none. Returns their cursors.</summary>
    private static async Task<string[]> PublishAsync(HubServer server, string topic, params string[] texts)
    {
        var cursors = new List<string>();
        foreach (var text in texts)
        {
            var source = new PushEvent { Topic = topic, Key = char.IsDigit(text[0]) ? null : text[..1], Payload = Encoding.UTF8.GetBytes(text) };
            cursors.Add((await server.Publisher.PublishAsync(source, Token)).Cursor);
        }

        return [.. cursors];
    }
}
