using System.Diagnostics.Metrics;

namespace Spillway.Backplane;

/// <summary>What the in-process backplane counts.</summary>
internal sealed class BackplaneMetrics
{
    public const string MeterName = "Spillway.Backplane";

    private readonly Histogram<long> _batchEvents;
    private readonly Histogram<double> _commitDuration;
    private readonly Histogram<double> _syncDuration;
    private readonly Counter<long> _lostEvents;
    private readonly Counter<long> _refusedBatches;
    private Func<long> _queueBytes = static () => 0;

    public BackplaneMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _batchEvents = meter.CreateHistogram<long>("spillway.backplane.batch_events", "{event}", "Events ordered and committed together.");
        _commitDuration = meter.CreateHistogram<double>("spillway.backplane.commit.duration", "s", "Time to write events to history.");
        _syncDuration = meter.CreateHistogram<double>("spillway.backplane.sync.duration", "s", "Time to sync history to the disk.");
        _lostEvents = meter.CreateCounter<long>("spillway.backplane.lost_events", "{event}", "Events whose publisher was answered at the level memory, and that could not be written then.");
        _refusedBatches = meter.CreateCounter<long>("spillway.backplane.refused_batches", "{batch}", "Batches refused, by reason.");
        meter.CreateObservableGauge("spillway.backplane.queue_bytes", () => _queueBytes(), "By", "Bytes that wait to be ordered, or synced.");
    }

    public void Observe(BatchQueue queue) => _queueBytes = () => queue.Bytes;

    public void HandedOn(int events) => _batchEvents.Record(events);

    public void Committed(TimeSpan duration) => _commitDuration.Record(duration.TotalSeconds);

    public void Synced(TimeSpan duration) => _syncDuration.Record(duration.TotalSeconds);

    public void Lost(int events) => _lostEvents.Add(events);

    public void Decided(PublishStatus status)
    {
        if (status != PublishStatus.Committed)
        {
            _refusedBatches.Add(1, new KeyValuePair<string, object?>("reason", ReasonOf(status)));
        }
    }

    private static string ReasonOf(PublishStatus status) => status switch
    {
        PublishStatus.TopicEnded => "topic-ended",
        PublishStatus.IdReused => "id-reused",
        PublishStatus.Overloaded => "overloaded",
        PublishStatus.ShuttingDown => "shutting-down",
        PublishStatus.DiskFull => "disk-full",
        _ => "failed",
    };
}
