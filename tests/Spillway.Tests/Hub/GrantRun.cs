using System.Text;
using System.Text.Json;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.Tests.Hub;

/// <summary>One random history of a hub with subscribers whose grants are other ones whenever they come back.</summary>
internal sealed class GrantRun : IAsyncDisposable
{
    private const string Last = "fin"; // Everybody asks for it, and has it.

    private static readonly string[] Segments = ["a", "b", "c"];
    private static readonly string[] Wild = ["a", "b", "c", "*"];
    private static readonly string[] Topics =
        [.. Segments, .. from one in Segments from two in Segments select $"{one}/{two}", .. from one in Segments from two in Segments from three in Segments select $"{one}/{two}/{three}"];

    private readonly Random _random;
    private readonly GrantTally _tally;
    private readonly HubHarness _harness;
    private readonly List<(long Offset, string[] Topics)> _published = [];

    private readonly int _most; // Events at a time.

    public GrantRun(int seed, GrantTally tally)
    {
        (_random, _tally, Seed) = (new Random(seed), tally, seed);
        var options = SmallHub.Small();
        options.Delivery.Loops = _random.Next(1, 3);
        var isShort = _random.Next(3) == 0; // Then a replay begins with a gap.
        options.History.MaxEvents = isShort ? 60 : options.History.MaxEvents;
        _most = isShort ? 20 : 60; // Of an event that was cut the rest is read again: where retention has it meanwhile, the connection ends.
        _harness = new HubHarness(options, seed, faultRate: _random.Next(3) * 0.2);
    }

    private int Seed { get; }

    public async Task JudgeAsync()
    {
        for (var i = 0; i < 4; i++)
        {
            Publish(_random.Next(_most));
            await FollowAsync();
        }
    }

    public ValueTask DisposeAsync() => _harness.DisposeAsync();

    /// <summary>One subscriber: some connections, each from where the last one was, with grants of its own.</summary>
    private async Task FollowAsync()
    {
        var asked = RandomSelectors();
        var cursor = _random.Next(2) == 0 ? 0 : _harness.History.Head;
        for (var connections = _random.Next(2, 6); connections > 0; connections--)
        {
            var grants = RandomGrants();
            var reduction = grants.Reduce(asked, most: 1_000);
            if (!reduction.IsGranted)
            {
                CheckRefusal(asked, grants, reduction);
                continue;
            }

            cursor = await ConnectAsync(asked, grants, reduction.Granted, cursor);
        }
    }

    private async Task<long> ConnectAsync(SelectorSet asked, GrantSet grants, SelectorSet granted, long cursor)
    {
        var request = new SubscriptionRequest(granted, WireFormat.SseRaw, Signals: true) { Start = StartKind.Cursor, Cursor = new Position(_harness.History.Epoch, cursor).ToString() };
        var (_, connection) = await _harness.ConnectAsync(request);
        connection.Stalled = _random.Next(4) == 0;
        Publish(_random.Next(_most));
        connection.Stalled = false;
        _harness.Resume();
        var end = Publish(Last);
        var sentinel = Encoding.UTF8.GetBytes($"data: {end} xxx\n\n"); // To its end: of a part nothing is dispatched.
        await _harness.UntilAsync(() => connection.HasLast(sentinel), $"the last event of seed {Seed}");
        connection.Drop();
        await connection.Running;
        Check(asked, grants, cursor, end, SseReader.Parse(connection.Bytes));
        return end;
    }

    /// <summary>Every event behind the start: delivered in its place, or within a gap that counts it, or not for this subscriber.</summary>
    private void Check(SelectorSet asked, GrantSet grants, long after, long end, IReadOnlyList<SseEvent> blocks)
    {
        var due = new Queue<long>(_published.Where(one => one.Offset > after && IsFor(one.Topics, asked, grants)).Select(static one => one.Offset));
        foreach (var block in blocks)
        {
            if (block.Type == "spillway-gap")
            {
                CheckGap(block, due);
            }
            else if (!block.Type.StartsWith("spillway-", StringComparison.Ordinal))
            {
                Assert.True(due.TryDequeue(out var next) && block.Data.StartsWith($"{next} ", StringComparison.Ordinal), $"Seed {Seed}: {block.Data} came, {next} was due.");
                _tally.Delivered++;
            }
        }

        Assert.True(due.Count == 0, $"Seed {Seed}: {due.Count} events did not come, the first is {due.FirstOrDefault()}.");
        foreach (var (offset, topics) in _published.Where(one => one.Offset > after && one.Offset <= end))
        {
            var isFor = IsFor(topics, asked, grants);
            _tally.Cases++;
            _tally.Withheld += !isFor && topics.Any(topic => asked.Matches(Encoding.UTF8.GetBytes(topic))) ? 1 : 0;
            _tally.ByAlternate += isFor && !IsFor(topics[..1], asked, grants) ? 1 : 0;
        }
    }

    private void CheckGap(SseEvent block, Queue<long> due)
    {
        var gap = JsonElement.Parse(block.Data);
        Assert.Equal("retention", gap.GetProperty("reason").GetString());
        Assert.True(Position.TryParse(gap.GetProperty("to").GetString()!, out var to));
        var missed = 0L;
        while (due.TryPeek(out var offset) && offset <= to.Offset)
        {
            due.Dequeue();
            missed++;
        }

        if (gap.TryGetProperty("count", out var count)) // Else it is not known how many they were.
        {
            Assert.True(count.GetInt64() == missed, $"Seed {Seed}: {block.Data}, but {missed} were missed.");
            _tally.InGaps += missed;
        }
    }

    private void CheckRefusal(SelectorSet asked, GrantSet grants, Reduction reduction)
    {
        _tally.Refused++;
        Assert.True(reduction.Kind == RefusalKind.Topic
            ? !grants.Allows(Encoding.UTF8.GetBytes(reduction.Refused))
            : !Topics.Any(topic => Selectors.Pattern(reduction.Refused).Matches(Encoding.UTF8.GetBytes(topic)) && grants.Allows(Encoding.UTF8.GetBytes(topic))), $"Seed {Seed}: {reduction.Refused}");
        Assert.Contains(reduction.Refused, asked.Topics.Select(Encoding.UTF8.GetString).Concat(asked.Patterns.Select(static pattern => pattern.Text)));
    }

    // The sentence that all of this is about.
    private static bool IsFor(string[] topics, SelectorSet asked, GrantSet grants) =>
        topics.Select(Encoding.UTF8.GetBytes).Any(topic => asked.Matches(topic) && grants.Allows(topic));

    private void Publish(int count)
    {
        for (; count > 0; count--)
        {
            Publish([.. Enumerable.Range(0, _random.Next(3) == 0 ? _random.Next(2, 5) : 1).Select(_ => Topics[_random.Next(Topics.Length)]).Distinct()]);
            if (_random.Next(10) == 0)
            {
                _harness.Resume();
            }
        }
    }

    private long Publish(params string[] topics)
    {
        var offset = _harness.History.NextOffset;
        var payload = Encoding.UTF8.GetBytes($"{offset} {new string('x', topics[0] != Last && _random.Next(4) == 0 ? _random.Next(2_000) : 3)}");
        _harness.Publish(new PushEvent { Topic = topics[0], Alternates = topics[1..], Payload = payload, Private = _random.Next(2) == 0 });
        _published.Add((offset, topics));
        return offset;
    }

    private SelectorSet RandomSelectors() => Selectors.Of(
        Enumerable.Range(0, _random.Next(3)).Select(_ => Topics[_random.Next(Topics.Length)]).Concat(Enumerable.Range(0, _random.Next(1, 3)).Select(_ => RandomPattern())).Append(Last).Distinct());

    private GrantSet RandomGrants()
    {
        var texts = Enumerable.Range(0, _random.Next(1, 7)).Select(_ => _random.Next(3) == 0 ? Topics[_random.Next(Topics.Length)] : RandomPattern()).Append(Last).ToArray();
        return GrantSet.TryCreate(texts, 100, out var grants, out var fault) ? grants : throw new InvalidOperationException(fault);
    }

    private string RandomPattern()
    {
        var segments = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Wild[_random.Next(Wild.Length)]);
        return string.Join('/', _random.Next(3) == 0 ? segments.Append("**") : segments);
    }
}
