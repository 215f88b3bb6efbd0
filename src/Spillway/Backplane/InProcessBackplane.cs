using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>Orders the events of one node: many publishers, one queue, one thread.</summary>
internal sealed partial class InProcessBackplane : IBackplane
{
    private const long Never = long.MinValue;

    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(30);

    private readonly SpillwayOptions _options;
    private readonly TimeProvider _clock;
    private readonly BackplaneMetrics _metrics;
    private readonly ILogger<InProcessBackplane> _logger;
    private readonly BatchQueue _queue;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _started;
    private long _failedAt = Never;

    public InProcessBackplane(
        IHistory history, IOptions<SpillwayOptions> options, TimeProvider clock, BackplaneMetrics metrics, ILogger<InProcessBackplane> logger)
    {
        History = history;
        _options = options.Value;
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        _queue = new BatchQueue(_options.Limits.IngressQueueBytes);
        metrics.Observe(_queue);
    }

    public IHistory History { get; }

    public bool IsFailing => Volatile.Read(ref _failedAt) is var at and not Never && _clock.GetElapsedTime(at) < FailureMemory;

    /// <summary>Bytes of the batches that are not answered yet.</summary>
    internal long QueueBytes => _queue.Bytes;

    /// <inheritdoc/>
    /// <remarks>Cancellation is heeded before the batch is queued. From then on it will be ordered, and its memory is in use until the outcome is there.</remarks>
    public ValueTask<PublishOutcome> PublishAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<PublishOutcome>(cancellationToken);
        }

        var pending = PendingBatch.Create(batch);
        var status = _queue.TryAdd(pending);
        if (status != PublishStatus.Committed)
        {
            _metrics.Decided(status);
            return ValueTask.FromResult(new PublishOutcome(status));
        }

        return IsMarker(batch) ? EndAsync(pending) : new ValueTask<PublishOutcome>(pending.Task);
    }

    public void Start(IEventSink sink)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The backplane was started before, or is stopped; make another one.");
        }

        var orderer = new Orderer(History, sink, _options.Dedup, _clock, _metrics, _logger);
        new Thread(() => Run(orderer)) { IsBackground = true, Name = "Spillway orderer" }.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Close();
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            RefuseAll();
            _stopped.SetResult();
        }

        await _stopped.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private static bool IsMarker(EventBatch batch) =>
        batch.Count == 1 && EventRecord.FlagsOf(batch.Records.WrittenSpan).HasFlag(EventFlags.Marker);

    private void Run(Orderer orderer)
    {
        Restore(orderer);
        var round = new List<PendingBatch>();
        while (_queue.Take(round))
        {
            var bytes = 0L;
            foreach (var pending in round)
            {
                bytes += pending.QueuedBytes; // Before they are answered: from then on the records are their publishers'.
            }

            orderer.Process(round);
            Observe(round);
            _queue.Release(bytes);
            round.Clear();
        }

        _stopped.SetResult();
    }

    private void Observe(List<PendingBatch> round)
    {
        if (round.Exists(static pending => pending.Outcome.Status == PublishStatus.Failed))
        {
            Volatile.Write(ref _failedAt, _clock.GetTimestamp());
        }
        else if (round.Exists(static pending => pending.HasRecorded && pending.Outcome is { Status: PublishStatus.Committed, Accepted: > 0 }))
        {
            Volatile.Write(ref _failedAt, Never);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Repeats of events from before the start may be added again; that is no reason not to start.")]
    private void Restore(Orderer orderer)
    {
        try
        {
            orderer.Restore();
        }
        catch (Exception fault)
        {
            Log.RestoreFailed(_logger, fault);
        }
    }

    /// <summary>Ends a topic. If it had ended before, the answer is the first one's, which history knows.</summary>
    private async ValueTask<PublishOutcome> EndAsync(PendingBatch pending)
    {
        var outcome = await pending.Task;
        if (outcome is not { Status: PublishStatus.Committed, Duplicates: 1 })
        {
            return outcome;
        }

        var topic = System.Text.Encoding.UTF8.GetString(new EventRecord(pending.Batch.Records.WrittenSpan).Topic);
        var selectors = new SelectorSet([topic], []);
        var (after, last, head) = (History.FindLast(selectors, 1), 0L, History.Head);
        while (after < head)
        {
            var page = History.Read(selectors, after, head, maxBytes: 64 * 1024);
            for (var rest = page.Records.Span; !rest.IsEmpty; rest = rest[EventRecord.LengthAt(rest)..])
            {
                last = EventRecord.OffsetOf(rest); // Nothing follows an end in its topic, so the last record is the end.
            }

            after = page.To;
        }

        return last == 0 ? outcome : outcome with { Last = outcome.Last with { Offset = last } };
    }

    private void RefuseAll()
    {
        var round = new List<PendingBatch>();
        while (_queue.Take(round))
        {
            foreach (var pending in round)
            {
                pending.Outcome = new PublishOutcome(PublishStatus.ShuttingDown);
                _metrics.Decided(pending.Outcome.Status);
                pending.Answer();
            }

            round.Clear();
        }
    }
}
