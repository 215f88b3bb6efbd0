using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Ingress;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Ingress;

public sealed class EventPublisherTests : IAsyncDisposable
{
    private readonly ListHistory _history = new();
    private readonly RecordingSink _sink = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly InProcessBackplane _backplane;
    private readonly EventPublisher _publisher;

    public EventPublisherTests()
    {
        var options = new SpillwayOptions { Limits = { EventBytes = 2_048, BatchEvents = 3, BatchBytes = 4_096 } };
        options.Rules.Add(new TopicRule { Pattern = "volatile/**", History = false });
        _backplane = new InProcessBackplane(_history, Options.Create(options), TimeProvider.System, new BackplaneMetrics(_metrics), _logs.For<InProcessBackplane>());
        var metrics = new IngressMetrics(_metrics);
        _publisher = new EventPublisher(new BatchCommitter(_backplane, metrics), metrics, new RuleBook(options.Rules), Options.Create(options));
        _backplane.Start(_sink);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _sink.Release();
        await _backplane.DisposeAsync();
        _history.Dispose();
        _sink.Dispose();
        _metrics.Dispose();
        Assert.Empty(_logs.Errors);
        _logs.Dispose();
    }

    [Fact]
    public async Task PublishAsync_OneAndMany_AreCommittedInOrder()
    {
        var one = await _publisher.PublishAsync(Event("a", "1"), Token);
        var many = await _publisher.PublishAsync([Event("a", "2"), Event("b", "3"), Event("b", "4")], Token);
        var none = await _publisher.PublishAsync([], Token);

        Assert.Equal(new PublishResult(1, 0, new Position(7, 1).ToString()), one);
        Assert.Equal(new PublishResult(3, 0, new Position(7, 4).ToString()), many);
        Assert.Equal(new PublishResult(0, 0, ""), none);
        Assert.Equal(["1", "2", "3", "4"], _sink.Payloads);
        Assert.Equal(4, _metrics.Sum("spillway.ingress.accepted_events"));
    }

    public static TheoryData<string, PushEvent> BadEvents => new()
    {
        { "invalid-event", new PushEvent { Topic = null! } },
        { "invalid-event", new PushEvent { Topic = "a", Alternates = null! } },
        { "invalid-event", new PushEvent { Topic = "a", Alternates = [.. Enumerable.Range(0, 16).Select(static i => $"{i}")] } },
        { "invalid-event", new PushEvent { Topic = "a", Type = "open" } },
        { "invalid-event", new PushEvent { Topic = "a", Type = "spillway-x" } },
        { "invalid-event", new PushEvent { Topic = "a", Type = "a\rid: 1" } },
        { "invalid-event", new PushEvent { Topic = "a", Type = new string('é', 65) } },
        { "invalid-event", new PushEvent { Topic = "a", ContentType = "é" } },
        { "invalid-event", new PushEvent { Topic = "a", ContentType = new string('a', 129) } },
        { "invalid-event", new PushEvent { Topic = "a", Key = new string('é', 129) } },
        { "invalid-event", new PushEvent { Topic = "a", Key = "\ud800" } },
        { "invalid-event", new PushEvent { Topic = "a", Key = "\udc00\ud800" } },
        { "invalid-event", new PushEvent { Topic = "a", Ttl = TimeSpan.Zero } },
        { "invalid-event", new PushEvent { Topic = "a", Ttl = TimeSpan.FromDays(365) + TimeSpan.FromTicks(1) } },
        { "invalid-event", new PushEvent { Topic = "a", Priority = (EventPriority)3 } },
        { "invalid-event", new PushEvent { Topic = "a", Id = "" } },
        { "invalid-event", new PushEvent { Topic = "a", Id = "a b" } },
        { "invalid-event", new PushEvent { Topic = "a", Id = new string('a', 129) } },
        { "invalid-topic", new PushEvent { Topic = "" } },
        { "invalid-topic", new PushEvent { Topic = "a/*/b" } },
        { "invalid-topic", new PushEvent { Topic = "a", Alternates = ["b", "**"] } },
        { "invalid-topic", new PushEvent { Topic = "\u202e" } },
        { "event-too-large", new PushEvent { Topic = "a", Payload = new byte[2_048] } },
    };

    [Theory]
    [MemberData(nameof(BadEvents))]
    public async Task PublishAsync_BadEvent_ThrowsWhatHttpWouldAnswer(string problem, PushEvent source)
    {
        var alone = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync(source, Token));
        var second = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync([Event("a"), source], Token));

        Assert.Equal((problem == "event-too-large" ? 413 : 400, problem), (alone.Status, alone.Problem));
        Assert.Equal((alone.Status, alone.Problem, "Event 1: " + alone.Message), (second.Status, second.Problem, second.Message));
        Assert.Empty(_sink.Records);
        Assert.Equal(3, _metrics.Sum("spillway.ingress.refused_events", problem));
    }

    [Fact]
    public async Task PublishAsync_TheMostOfEverything_IsTaken()
    {
        await _publisher.PublishAsync(
            new PushEvent
            {
                Topic = string.Join('/', Enumerable.Repeat("a", 32)),
                Alternates = [.. Enumerable.Range(0, 15).Select(static i => $"{i}")],
                Type = new string('é', 64),
                ContentType = new string('a', 128),
                Key = new string('é', 128),
                Ttl = TimeSpan.FromDays(365),
                Id = new string('~', 128),
                Payload = new byte[1_000],
            },
            Token);

        Assert.Single(_sink.Records);
    }

    [Fact]
    public async Task PublishAsync_BatchBeyondItsLimits_IsRefusedWhole()
    {
        var events = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync([Event("a"), Event("a"), Event("a"), Event("a")], Token));
        var payload = new string('x', 1_900);
        var bytes = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync([Event("a", payload), Event("a", payload), Event("a", payload)], Token));

        Assert.Equal((413, "batch-too-large", 413, "batch-too-large"), (events.Status, events.Problem, bytes.Status, bytes.Problem));
        Assert.Contains("Limits:BatchEvents allows 3", events.Message, StringComparison.Ordinal);
        Assert.Contains("Limits:BatchBytes allows 4096", bytes.Message, StringComparison.Ordinal);
        Assert.Empty(_sink.Records);
    }

    [Fact]
    public async Task PublishAsync_RepeatedTopicsAndBrokenTrace_AreLeftOut()
    {
        await _publisher.PublishAsync(Event("a", traceParent: "broken", alternates: ["b", "a", "c", "b"]), Token);

        var record = new EventRecord(_sink.Records[0]);
        var alternates = new List<string>();
        foreach (var alternate in record.Alternates)
        {
            alternates.Add(System.Text.Encoding.UTF8.GetString(alternate));
        }

        Assert.Equal(["b", "c"], alternates);
        Assert.True(record.TraceParent.IsEmpty);
    }

    [Fact]
    public async Task PublishAsync_RuleKeepsNoHistory_OnlyTheFinalEventIsRecorded()
    {
        await _publisher.PublishAsync([Event("volatile/a", "1"), Event("kept", "2"), Event("volatile/a", "3", final: true)], Token);

        var refused = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync(Event("volatile/a"), Token));

        Assert.Equal(["1", "2", "3"], _sink.Payloads);
        Assert.Equal([1, 2], _history.Records.Select(static record => EventRecord.OffsetOf(record)));
        Assert.Equal((409, "topic-ended"), (refused.Status, refused.Problem));
    }

    [Fact]
    public async Task PublishAsync_RefusedByTheBackplane_NamesTheEventAndWhatIsWrong()
    {
        await _publisher.PublishAsync(Event("a", "1", id: "x"), Token);

        var reused = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync([Event("a"), Event("a", "2", id: "x")], Token));

        Assert.Equal((422, "id-reused"), (reused.Status, reused.Problem));
        Assert.StartsWith("Event 1: The id \"x\"", reused.Message, StringComparison.Ordinal);
        Assert.Equal(2, _metrics.Sum("spillway.ingress.refused_events", "id-reused"));
    }

    [Fact]
    public async Task PublishAsync_HubStops_SaysSo()
    {
        await _backplane.StopAsync(Token);

        var refused = await Assert.ThrowsAsync<PublishException>(async () => await _publisher.PublishAsync(Event("a"), Token));

        Assert.Equal((503, "shutting-down"), (refused.Status, refused.Problem));
    }

    [Fact]
    public async Task PublishAsync_CancelledMeanwhile_EndsTheWaitAndNotTheEvent()
    {
        _sink.Hold();
        using var source = new CancellationTokenSource();
        var publishing = _publisher.PublishAsync(Event("a", "1"), source.Token).AsTask();
        await _sink.WaitForRoundAsync(Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing);
        Assert.Equal(["1"], _sink.Payloads);
    }

    [Fact]
    public async Task EndAsync_Twice_IsTheSameAnswer()
    {
        await _publisher.PublishAsync(Event("t"), Token);

        var first = await _publisher.EndAsync("t", Token);
        await _publisher.PublishAsync(Event("other"), Token);
        var again = await _publisher.EndAsync("t", Token);

        Assert.Equal(new PublishResult(1, 0, new Position(7, 2).ToString()), first);
        Assert.Equal(new PublishResult(0, 1, first.Cursor), again);
        await Assert.ThrowsAsync<PublishException>(async () => await _publisher.EndAsync("a/**", Token));
    }
}
