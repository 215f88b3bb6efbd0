using Spillway.Backplane;
using Spillway.TestKit;

namespace Spillway.Tests.Backplane;

/// <summary>An orderer on the test's own thread, with everything around it in sight.</summary>
internal sealed class OrdererRig : IDisposable
{
    public static readonly DateTimeOffset Start = new(2026, 1, 31, 8, 0, 0, TimeSpan.Zero);

    public OrdererRig(DedupOptions? dedup = null, ListHistory? history = null, ShiftedClock? clock = null)
    {
        History = history ?? new ListHistory();
        Clock = clock ?? new ShiftedClock();
        var health = new CommitHealth(Clock);
        var metrics = new BackplaneMetrics(Metrics);
        Syncer = new Syncer(History, Sink, deliverSynced: false, Clock, metrics, health, Logs.For<Orderer>());
        Orderer = new Orderer(History, Sink, Syncer, dedup ?? new DedupOptions(), Clock, metrics, Logs.For<Orderer>());
    }

    public ListHistory History { get; }

    public ShiftedClock Clock { get; }

    public RecordingSink Sink { get; } = new();

    public MetricCollector Metrics { get; } = new();

    public LogCollector Logs { get; } = new();

    public Syncer Syncer { get; }

    public Orderer Orderer { get; }

    /// <summary>Processes the batches as one round.</summary>
    public PublishOutcome[] Process(params EventBatch[] batches)
    {
        var round = batches.Select(PendingBatch.Create).ToList();
        Orderer.Process(round);
        Assert.All(round, static pending => Assert.True(pending.Task.IsCompletedSuccessfully));
        return [.. round.Select(static pending => pending.Outcome)];
    }

    public void Dispose()
    {
        Sink.Dispose();
        Metrics.Dispose();
        Logs.Dispose();
    }

    /// <summary>A clock that also goes back, as computers' clocks do.</summary>
    internal sealed class ShiftedClock : TimeProvider
    {
        private DateTimeOffset _now = Start;

        public override DateTimeOffset GetUtcNow() => _now;

        public void Shift(TimeSpan by) => _now += by;
    }
}
