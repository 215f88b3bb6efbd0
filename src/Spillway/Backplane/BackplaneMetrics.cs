using System.Diagnostics.Metrics;

namespace Spillway.Backplane;

/// <summary>What the in-process backplane counts.</summary>
internal sealed class BackplaneMetrics
{
    public const string MeterName = "Spillway.Backplane";

    private readonly Histogram<long> _batchEvents;
    private readonly Histogram<double> _commitDuration;
    private readonly Counter<long> _refusedBatches;
    private Func<long> _queueBytes = static () => 0;

    public BackplaneMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _batchEvents = meter.CreateHistogram<long>("spillway.backplane.batch_events", "{event}", "Events ordered and committed together.");
        _commitDuration = meter.CreateHistogram<double>("spillway.backplane.commit.duration", "s", "Time to write events to history.");
        _refusedBatches = meter.CreateCounter<long>("spillway.backplane.refused_batches", "{batch}", "Batches refused, by reason.");
        meter.CreateObservableGauge("spillway.backplane.queue_bytes", () => _queueBytes(), "By", "Bytes that wait to be ordered.");
    }

    public void Observe(BatchQueue queue) => _queueBytes = () => queue.Bytes;

    public void HandedOn(int events) => _batchEvents.Record(events);

    public void Committed(TimeSpan duration) => _commitDuration.Record(duration.TotalSeconds);

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
        _ => "failed",
    };
}
