using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Ingress;

namespace Spillway.Mercure.Active;

/// <summary>
/// Publishes that subscriptions begin and end (U1), so many a second: a storm of reconnections is not to become one of events. Whoever has come and gone before it was told is not told of at all.
/// </summary>
internal sealed partial class SubscriptionAnnouncer(
    SubscriptionBook book, IBackplane backplane, RuleBook rules, IOptions<SpillwayOptions> options, MercureMetrics metrics, TimeProvider clock, ILogger<SubscriptionAnnouncer> logger) : IHostedService, IDisposable
{
    private const int TurnsPerSecond = 10;

    private readonly SpillwayOptions _options = options.Value;
    private readonly string _path = options.Value.Mercure.UrlPath;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<PushEvent> _due = []; // Made, and not published yet: a second's, and those of one connection, and no more are made before these are gone.
    private Task _running = Task.CompletedTask;
    private double _allowed;
    private bool _isHeldUp;
    private long _published;
    private long _dropped;

    /// <summary>Events that were published.</summary>
    public long Published => Volatile.Read(ref _published);

    /// <summary>Events that nothing will ever publish: their topic is too long, or has ended.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public Task StartAsync(CancellationToken cancellationToken)
    {
        metrics.Observe(book, this);
        _running = _options.Mercure is { Enabled: true, Subscriptions: true } ? RunAsync() : Task.CompletedTask;
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Tells as much as is due. One caller at a time.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever breaks, it costs this turn, and the next one tries again.")]
    public async Task TellAsync()
    {
        var rate = _options.Mercure.SubscriptionEventsPerSecond;
        _allowed = Math.Min(rate, _allowed + ((double)rate / TurnsPerSecond));
        book.TakeOver(); // Also where nothing may be told: until then every change since the last turn waits.
        try
        {
            var mayMake = _due.Count == 0;
            while (mayMake && _allowed >= 1 && book.TryTake(out var subscriber))
            {
                Make(subscriber);
            }

            await PublishAsync();
        }
        catch (Exception fault)
        {
            if (!_isHeldUp)
            {
                Log.NotTold(logger, fault); // Once, and not ten times a second.
            }

            _isHeldUp = true;
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1d / TurnsPerSecond), clock);
        try
        {
            var telling = Task.CompletedTask;
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (telling.IsCompleted)
                {
                    telling = TellAsync();
                }
                else
                {
                    book.TakeOver(); // A publish that hangs: what changes meanwhile is bounded all the same, and so is a stop.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private void Make(Subscriber subscriber)
    {
        var isActive = subscriber.IsActive;
        if (isActive == subscriber.IsAnnounced)
        {
            return; // It came and went, or was told meanwhile.
        }

        subscriber.IsAnnounced = isActive;
        _allowed -= subscriber.Entries.Count;
        _due.AddRange(subscriber.Entries.Select(entry => new PushEvent
        {
            Topic = $"{_path}/subscriptions/{entry.PathOf(subscriber.Id)}",
            Type = Publisher.HubType,
            Private = true,
            Payload = SubscriptionDocument.Of(_path, subscriber, entry, isActive),
        }));
    }

    /// <summary>Publishes what is due, in as many batches as it takes. What is not taken now stays for the next turn.</summary>
    private async Task PublishAsync()
    {
        while (_due.Count > 0 && FillBatch() is { Count: > 0 } batch)
        {
            var outcome = await backplane.PublishAsync(batch.ToBatch(CommitLevel.Memory), CancellationToken.None);
            if (outcome.Status == PublishStatus.Committed)
            {
                Interlocked.Add(ref _published, batch.Count);
                _due.RemoveRange(0, batch.Count);
                _isHeldUp = false;
            }
            else if (BatchCommitter.IsFaultOfEvent(outcome.Status))
            {
                Drop(Math.Max(0, outcome.Index), "its topic has ended."); // The others go without it: a batch is taken whole, or not at all.
            }
            else
            {
                HoldUp(outcome.Status);
                return;
            }
        }
    }

    private EventBatchWriter FillBatch()
    {
        var batch = new EventBatchWriter(_options.Limits, rules, EventFieldNames.Json, Publisher.Anyone);
        while (batch.Count < _due.Count && (batch.Count == 0 || !batch.IsFull))
        {
            if (!batch.TryAdd(_due[batch.Count], out var problem))
            {
                Drop(batch.Count, problem.Detail); // A name that is too long once it is escaped.
            }
        }

        return batch;
    }

    private void Drop(int index, string reason)
    {
        _due.RemoveAt(index);
        Interlocked.Increment(ref _dropped);
        Log.Skipped(logger, reason);
    }

    private void HoldUp(PublishStatus status)
    {
        if (!_isHeldUp && status != PublishStatus.ShuttingDown)
        {
            Log.NotTaken(logger, status.ToString());
        }

        _isHeldUp = true;
    }
}
