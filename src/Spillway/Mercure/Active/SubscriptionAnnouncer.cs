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
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private double _allowed;
    private long _published;

    /// <summary>The type of what the hub itself publishes.</summary>
    public const string EventType = "mercure";

    /// <summary>Events that were published.</summary>
    public long Published => Volatile.Read(ref _published);

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
    [SuppressMessage("Design", "CA1031", Justification = "Whatever breaks, it costs this turn's events, and not those to come.")]
    public async Task TellAsync()
    {
        var rate = _options.Mercure.SubscriptionEventsPerSecond;
        _allowed = Math.Min(rate, _allowed + ((double)rate / TurnsPerSecond));
        try
        {
            var batch = new EventBatchWriter(_options.Limits, rules, EventFieldNames.Json, Publisher.Marked(""));
            while (_allowed >= 1 && !batch.IsFull && book.TryTake(out var subscriber))
            {
                Add(subscriber, batch);
            }

            if (batch.Count > 0)
            {
                Interlocked.Add(ref _published, batch.Count);
                await backplane.PublishAsync(batch.ToBatch(CommitLevel.Memory), CancellationToken.None);
            }
        }
        catch (Exception fault)
        {
            Log.NotTold(logger, fault);
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1d / TurnsPerSecond), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await TellAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Told to stop.
        }
    }

    private void Add(Subscriber subscriber, EventBatchWriter batch)
    {
        var isActive = subscriber.IsActive;
        if (isActive == subscriber.IsAnnounced)
        {
            return; // It came and went, or was told meanwhile.
        }

        subscriber.IsAnnounced = isActive;
        foreach (var entry in subscriber.Entries)
        {
            var update = new PushEvent
            {
                Topic = $"{_options.Mercure.Path}/subscriptions/{entry.PathOf(subscriber.Id)}",
                Type = EventType,
                Private = true,
                Payload = SubscriptionDocument.Of(_options.Mercure.Path, subscriber, entry, isActive),
            };
            _allowed--;
            if (!batch.TryAdd(update, out var problem))
            {
                Log.Skipped(logger, problem.Detail); // A name that is too long once it is escaped.
            }
        }
    }
}
