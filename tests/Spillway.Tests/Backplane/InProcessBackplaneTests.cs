using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Backplane.Batches;

namespace Spillway.Tests.Backplane;

public sealed class InProcessBackplaneTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ListHistory _history = new();
    private readonly RecordingSink _sink = new();
    private readonly MetricCollector _metrics = new();
    private readonly LogCollector _logs = new();
    private readonly SpillwayOptions _options = new();
    private readonly InProcessBackplane _backplane;

    public InProcessBackplaneTests()
    {
        _options.Limits.IngressQueueBytes = 4_096;
        _backplane = new InProcessBackplane(_history, Options.Create(_options), new ManualTimeProvider(), new BackplaneMetrics(_metrics), _logs.For<InProcessBackplane>());
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
    public async Task PublishAsync_LoneEvent_IsCommittedAndHandedOn()
    {
        _backplane.Start(_sink);

        var outcome = await _backplane.PublishAsync(Of(Event("a", "1")), Token);

        Assert.Equal(new PublishOutcome(PublishStatus.Committed, Accepted: 1, Last: new Position(7, 1)), outcome);
        Assert.Equal(["1"], _sink.Payloads);
    }

    [Fact]
    public async Task PublishAsync_BeforeTheStart_WaitsForIt()
    {
        var publishing = _backplane.PublishAsync(Of(Event("a", "1")), Token).AsTask();
        Assert.False(publishing.IsCompleted);

        _backplane.Start(_sink);

        Assert.Equal(PublishStatus.Committed, (await publishing).Status);
    }

    [Fact]
    public async Task PublishAsync_QueueIsFull_IsRefusedAndCountedUntilThereIsRoom()
    {
        _backplane.Start(_sink);
        _sink.Hold();
        var inside = _backplane.PublishAsync(Of(Event("a")), Token).AsTask();
        await _sink.WaitForRoundAsync(Token);
        var waiting = new List<Task<PublishOutcome>>();

        PublishOutcome? refused = null;
        while (refused is null && waiting.Count < 100)
        {
            var publishing = _backplane.PublishAsync(Of(Event("a", new string('x', 500))), Token);
            if (publishing.IsCompleted)
            {
                refused = await publishing;
            }
            else
            {
                waiting.Add(publishing.AsTask());
            }
        }

        Assert.Equal(PublishStatus.Overloaded, refused?.Status);
        Assert.Equal(4, waiting.Count);
        Assert.Equal(1, _metrics.Sum("spillway.backplane.refused_batches", "overloaded"));
        Assert.InRange(_metrics.Sum("spillway.backplane.queue_bytes"), 3_000, 4_096);

        _sink.Release();
        await inside;
        Assert.All(await Task.WhenAll(waiting), static outcome => Assert.Equal(PublishStatus.Committed, outcome.Status));
        Assert.Equal(PublishStatus.Committed, (await _backplane.PublishAsync(Of(Event("a")), Token)).Status);
    }

    [Fact]
    public async Task PublishAsync_BatchLargerThanTheQueue_IsTakenWhenTheQueueIsEmpty()
    {
        _backplane.Start(_sink);

        var outcome = await _backplane.PublishAsync(Of(Event("a", new string('x', 10_000))), Token);

        Assert.Equal(PublishStatus.Committed, outcome.Status);
    }

    [Fact]
    public async Task PublishAsync_Committed_GoesOnOnAnotherThread()
    {
        _backplane.Start(_sink);

        for (var i = 0; i < 100; i++)
        {
            await _backplane.PublishAsync(Of(Event("a")), Token);
            Assert.NotEqual("Spillway orderer", Thread.CurrentThread.Name);
        }
    }

    [Fact]
    public async Task PublishAsync_CancelledBefore_PublishesNothing()
    {
        _backplane.Start(_sink);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _backplane.PublishAsync(Of(Event("a")), new CancellationToken(true)));

        await _backplane.StopAsync(None);
        Assert.Empty(_sink.Records);
    }

    [Fact]
    public async Task PublishAsync_WhileOneRoundIsBeingHandedOn_TheOthersBecomeOneRound()
    {
        _backplane.Start(_sink);
        _sink.Hold();
        var first = _backplane.PublishAsync(Of(Event("a", "0")), Token).AsTask();
        await _sink.WaitForRoundAsync(Token);
        var others = Enumerable.Range(1, 5).Select(i => _backplane.PublishAsync(Of(Event("a", $"{i}")), Token).AsTask()).ToArray();

        _sink.Release();
        await first;
        await Task.WhenAll(others);

        Assert.Equal(2, _sink.Rounds);
        Assert.Equal(["0", "1", "2", "3", "4", "5"], _sink.Payloads);
    }

    [Fact]
    public async Task PublishAsync_ConcurrentPublishers_KeepTheirOwnOrderAndGetTheirPositions()
    {
        _options.Limits.IngressQueueBytes = 1 << 20; // Read at the start: this bound is for the other tests.
        await using var backplane = new InProcessBackplane(
            _history, Options.Create(_options), TimeProvider.System, new BackplaneMetrics(_metrics), _logs.For<InProcessBackplane>());
        backplane.Start(_sink);

        var positions = await Task.WhenAll(Enumerable.Range(0, 8).Select(publisher => Task.Run(
            async () =>
            {
                var own = new List<long>();
                for (var i = 0; i < 100; i++)
                {
                    own.Add((await backplane.PublishAsync(Of(Event("a", $"{publisher}/{i}"), Event("a", $"{publisher}/{i}b")), Token)).Last.Offset);
                }

                return own;
            },
            Token)));

        var payloads = _sink.Payloads;
        Assert.Equal(1_600, payloads.Count);
        Assert.Equal(Enumerable.Range(1, 1_600).Select(static i => (long)i), _sink.Records.Select(static record => EventRecord.OffsetOf(record)));
        for (var publisher = 0; publisher < 8; publisher++)
        {
            for (var i = 0; i < 100; i++)
            {
                var last = (int)positions[publisher][i] - 1;
                Assert.Equal(($"{publisher}/{i}", $"{publisher}/{i}b"), (payloads[last - 1], payloads[last]));
                Assert.True(i == 0 || positions[publisher][i] > positions[publisher][i - 1]);
            }
        }
    }

    [Fact]
    public async Task PublishAsync_ConcurrentRetries_AddOneEvent()
    {
        _backplane.Start(_sink);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => Task.Run(async () => await _backplane.PublishAsync(Of(Event("a", "1", id: "x")), Token), Token)));

        Assert.Equal((1, 9), (outcomes.Sum(static outcome => outcome.Accepted), outcomes.Sum(static outcome => outcome.Duplicates)));
        Assert.All(outcomes, static outcome => Assert.Equal(new Position(7, 1), outcome.Last));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PublishAsync_EndAgain_IsAnsweredLikeTheFirst(bool endedByEvent)
    {
        _backplane.Start(_sink);
        await _backplane.PublishAsync(Of(Event("t"), Event("other")), Token);
        var first = await _backplane.PublishAsync(endedByEvent ? Of(Event("t", final: true)) : EndOf("t"), Token);
        await _backplane.PublishAsync(Of(Event("other"), Event("other")), Token);

        var again = await _backplane.PublishAsync(EndOf("t"), Token);

        Assert.Equal(new Position(7, 3), first.Last);
        Assert.Equal((0, 1, first.Last), (again.Accepted, again.Duplicates, again.Last));
    }

    [Fact]
    public async Task StopAsync_BatchesAreWaiting_TheyAreCommittedAndNewOnesRefused()
    {
        _backplane.Start(_sink);
        _sink.Hold();
        var inside = _backplane.PublishAsync(Of(Event("a", "1")), Token).AsTask();
        await _sink.WaitForRoundAsync(Token);
        var waiting = _backplane.PublishAsync(Of(Event("a", "2")), Token).AsTask();

        var stopping = _backplane.StopAsync(Token);
        var refused = await _backplane.PublishAsync(Of(Event("a", "3")), Token);
        Assert.False(stopping.IsCompleted);
        _sink.Release();
        await stopping;

        Assert.Equal(PublishStatus.ShuttingDown, refused.Status);
        Assert.Equal([PublishStatus.Committed, PublishStatus.Committed], [(await inside).Status, (await waiting).Status]);
        Assert.Equal(["1", "2"], _sink.Payloads);
    }

    [Fact]
    public async Task StopAsync_GraceIsOver_ReturnsToItsCaller()
    {
        _backplane.Start(_sink);
        _sink.Hold();
        var inside = _backplane.PublishAsync(Of(Event("a")), Token).AsTask();
        await _sink.WaitForRoundAsync(Token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _backplane.StopAsync(new CancellationToken(true)));

        _sink.Release();
        Assert.Equal(PublishStatus.Committed, (await inside).Status);
    }

    [Fact]
    public async Task StopAsync_NeverStarted_RefusesWhatWaits()
    {
        var waiting = _backplane.PublishAsync(Of(Event("a")), Token).AsTask();

        await _backplane.StopAsync(Token);

        Assert.Equal(PublishStatus.ShuttingDown, (await waiting).Status);
        Assert.Throws<InvalidOperationException>(() => _backplane.Start(_sink));
    }

    [Fact]
    public async Task Start_HistoryHoldsIds_RepeatsAreKnown()
    {
        _history.Append(Records.Make(Event("a", "1", id: "x"), offset: 1));
        _backplane.Start(_sink);

        var outcome = await _backplane.PublishAsync(Of(Event("a", "1", id: "x")), Token);

        Assert.Equal((0, 1, new Position(7, 1)), (outcome.Accepted, outcome.Duplicates, outcome.Last));
    }
}
