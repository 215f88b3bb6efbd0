using System.Globalization;
using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>A subscriber that connects, loses its connection and resumes by cursor, and afterwards is judged by what it got.</summary>
internal sealed class ModelSubscriber(HubHarness harness, SelectorSet selectors, int connections, bool latest, Random random)
{
    private readonly List<TestConnection> _sessions = [];
    private int _maybeIndex; // Events before it certainly were before the first subscription.
    private int _firstIndex; // Events published from here on are certainly after the first subscription.

    public TestConnection Last => _sessions[^1];

    /// <summary>Connects, and after some of the publishers' progress drops the connection and resumes, as often as told.</summary>
    public async Task RunAsync(Func<int> published, int total)
    {
        var cursor = "";
        for (var i = 0; i < connections; i++)
        {
            var request = new SubscriptionRequest(selectors, WireFormat.SseRaw, Signals: true)
            {
                Start = cursor.Length == 0 ? StartKind.Now : StartKind.Cursor,
                Cursor = cursor,
                Latest = latest,
            };
            _maybeIndex = i == 0 ? published() : _maybeIndex;
            var (subscription, connection) = await harness.ConnectAsync(request);
            _firstIndex = i == 0 ? published() : _firstIndex;
            cursor = i == 0 ? subscription.Resume.ToString() : cursor;
            _sessions.Add(connection);
            if (i == connections - 1)
            {
                break;
            }

            connection.Stalled = random.Next(3) == 0;
            var until = random.Next(total * (i + 1) / connections);
            await harness.UntilAsync(() => published() >= until, "the publishers");
            connection.Stalled = false;
            connection.Drop();
            await connection.Running;
            var reader = new SseReader();
            reader.Feed(connection.Bytes);
            cursor = reader.LastEventId.Length > 0 ? reader.LastEventId : cursor;
        }
    }

    /// <summary>Compares what came with what was published: order, no repeats, nothing missing that no gap covers, counts right.</summary>
    public void Judge(IReadOnlyList<PublishedEvent> published)
    {
        var received = new List<PublishedEvent>();
        var gaps = new List<(long From, long To, long? Count)>();
        foreach (var session in _sessions)
        {
            foreach (var item in SseReader.Parse(session.Bytes))
            {
                if (item.Type == "spillway-gap")
                {
                    gaps.Add(ReadGap(item.Data));
                }
                else if (!item.Type.StartsWith("spillway-", StringComparison.Ordinal))
                {
                    received.Add(Identify(item, published));
                }
            }
        }

        Assert.All(received, source => Assert.True(source.IsSelectedBy(selectors), $"Event {source.Index} was not asked for."));
        for (var i = 1; i < received.Count; i++)
        {
            Assert.True(received[i].Index > received[i - 1].Index, $"Event {received[i].Index} came behind {received[i - 1].Index}.");
        }

        var got = received.Select(static source => source.Index).ToHashSet();
        var missing = published
            .Where(source => source.Index >= _firstIndex && source.IsSelectedBy(selectors) && !got.Contains(source.Index))
            .Where(source => source.Ephemeral == 0 || connections == 1) // Nobody promises ephemeral events over a reconnection.
            .ToList();
        var maybe = published.Count(source => source.Index >= _maybeIndex && source.Index < _firstIndex && source.IsSelectedBy(selectors) && !got.Contains(source.Index));
        JudgeMissing(missing, [.. missing.Where(source => IsSuperseded(source, received))], gaps, maybe);
    }

    /// <summary>Whether a newer event that came stands for it. Its rule, or the subscriber, asks for that.</summary>
    private bool IsSuperseded(PublishedEvent source, List<PublishedEvent> received) =>
        (latest || source.Source.Topic.StartsWith("latest/", StringComparison.Ordinal)) && source.Source.Priority != EventPriority.Critical
        && received.Exists(newer => newer.Index > source.Index && newer.Identity == source.Identity);

    public override string ToString() =>
        $"Subscriber of {string.Join(", ", selectors.Topics.Select(System.Text.Encoding.UTF8.GetString))}; {string.Join(", ", selectors.Patterns.Select(static pattern => pattern.Text))}"
        + $", {connections} connections, from event {_firstIndex}";

    private void JudgeMissing(List<PublishedEvent> missing, List<PublishedEvent> superseded, List<(long From, long To, long? Count)> gaps, int maybe)
    {
        Assert.DoesNotContain(missing, static source => source.Source.Priority == EventPriority.Critical && source.Ephemeral == 0);
        foreach (var source in missing.Except(superseded))
        {
            // An ephemeral event lies behind the offset that it follows.
            Assert.True(
                gaps.Exists(gap => source.Offset <= gap.To && (source.Ephemeral > 0 ? source.Offset >= gap.From : source.Offset > gap.From)),
                $"Event {source.Index} at {source.Offset}.{source.Ephemeral} is missing, and no gap of [{string.Join(", ", gaps)}] covers it. {this}; missing: "
                + string.Join(' ', missing.Select(static other => $"{other.Index}@{other.Offset}.{other.Ephemeral}")));
        }

        if (gaps.TrueForAll(static gap => gap.Count is not null))
        {
            var told = gaps.Sum(static gap => gap.Count!.Value);
            if (connections == 1)
            {
                Assert.InRange(told, missing.Count - superseded.Count, missing.Count + maybe); // Nobody knows which of those in between came before it.
            }
            else
            {
                Assert.True(told >= missing.Count - superseded.Count, $"{missing.Count} are missing and only {told} were told.");
            }
        }
    }

    private static (long From, long To, long? Count) ReadGap(string data)
    {
        var json = JsonDocument.Parse(data).RootElement;
        Assert.True(Position.TryParse(json.GetProperty("from").GetString(), out var from));
        Assert.True(Position.TryParse(json.GetProperty("to").GetString(), out var to));
        return (from.Offset, to.Offset, json.TryGetProperty("count", out var count) ? count.GetInt64() : null);
    }

    private static PublishedEvent Identify(SseEvent item, IReadOnlyList<PublishedEvent> published)
    {
        var source = published[int.Parse(item.Data.AsSpan(0, item.Data.IndexOf(' ')), CultureInfo.InvariantCulture)];
        var dot = item.LastEventId.IndexOf('.');
        Assert.True(Position.TryParse(item.LastEventId, out var position));
        Assert.Equal(source.Offset, position.Offset);
        Assert.Equal(source.Ephemeral, dot < 0 ? 0 : uint.Parse(item.LastEventId.AsSpan(dot + 1), CultureInfo.InvariantCulture));
        return source;
    }
}
