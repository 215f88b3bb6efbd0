using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>Orders the events of one node: many publishers, one queue, one thread.</summary>
internal sealed partial class InProcessBackplane : IBackplane
{
    private const string Stalled = "Writing history to the disk has taken longer than History:StallAfter and has not come back. Nothing was added; try again after the time in Retry-After.";

    private readonly SpillwayOptions _options;
    private readonly TimeProvider _clock;
    private readonly BackplaneMetrics _metrics;
    private readonly ILogger<InProcessBackplane> _logger;
    private readonly BatchQueue _queue;
    private readonly CommitHealth _health;
    private readonly TaskCompletionSource _restored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Orderer? _orderer;
    private Syncer? _syncer;
    private int _started;

    public InProcessBackplane(
        IHistory history, IOptions<SpillwayOptions> options, TimeProvider clock, BackplaneMetrics metrics, ILogger<InProcessBackplane> logger)
    {
        History = history;
        _options = options.Value;
        _clock = clock;
        _metrics = metrics;
        _logger = logger;
        _queue = new BatchQueue(_options.Limits);
        _health = new CommitHealth(clock);
        metrics.Observe(_queue);
    }

    public IHistory History { get; }

    public bool IsFailing => _health.IsFailing;

    public Task Restored => _restored.Task;

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
        var stalled = IsStalled();
        var status = stalled ? PublishStatus.Overloaded : _queue.TryAdd(pending);
        if (status != PublishStatus.Committed)
        {
            _metrics.Decided(status);
            return ValueTask.FromResult(new PublishOutcome(status, Detail: stalled ? Stalled : null));
        }

        return IsMarker(batch) ? EndAsync(pending) : new ValueTask<PublishOutcome>(pending.Task);
    }

    public Position[] FindNamed(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name, int most) =>
        Volatile.Read(ref _orderer) is { } orderer ? [.. orderer.FindNamed(space, name, most).Select(offset => new Position(History.Epoch, offset))] : [];

    public void Start(IEventSink sink)
    {
        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new InvalidOperationException("The backplane was started before, or is stopped; make another one.");
        }

        _syncer = new Syncer(History, sink, _options.History.DeliverSynced, _clock, _metrics, _health, _logger);
        _orderer = new Orderer(History, sink, _syncer, _options.Dedup, _clock, _metrics, _logger);
        new Thread(Run) { IsBackground = true, Name = "spillway-orderer" }.Start();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Close();
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            RefuseAll();
            _restored.SetResult(); // Nothing will be restored: nobody may wait for it.
            _stopped.SetResult();
        }

        await _stopped.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private static bool IsMarker(EventBatch batch) =>
        batch.Count == 1 && EventRecord.FlagsOf(batch.Records.WrittenSpan).HasFlag(EventFlags.Marker);

    /// <summary>Whether a write or a sync has taken so long that who comes now would wait for nothing.</summary>
    private bool IsStalled()
    {
        var limit = _options.History.StallAfter;
        return Volatile.Read(ref _orderer)?.Elapsed > limit || Volatile.Read(ref _syncer)?.Elapsed > limit;
    }

    private void Run()
    {
        var (orderer, syncer) = (_orderer!, _syncer!);
        var syncing = new Thread(syncer.Run) { IsBackground = true, Name = "spillway-syncer" };
        syncing.Start();
        Restore(orderer);
        _restored.SetResult();
        var round = new List<PendingBatch>();
        while (_queue.Take(round))
        {
            orderer.Process(round);
            Observe(round);
            round.Clear();
        }

        syncer.Close();
        syncing.Join();
        _stopped.SetResult();
    }

    private void Observe(List<PendingBatch> round)
    {
        if (round.Exists(static pending => pending.Outcome.Status is PublishStatus.Failed or PublishStatus.DiskFull))
        {
            _health.Failed();
        }
        else if (!History.IsDurable && round.Exists(static pending => pending.HasRecorded && pending.Outcome is { Status: PublishStatus.Committed, Accepted: > 0 }))
        {
            _health.Succeeded(); // What is durable has worked once it is synced.
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
