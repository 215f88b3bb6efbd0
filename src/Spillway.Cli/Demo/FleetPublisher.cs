using Spillway.Client;

namespace Spillway.Cli.Demo;

/// <summary>Lets the fleet measure, and publishes what it measured through the hub's HTTP edge, a batch at a time.</summary>
/// <remarks>One batch is under way at most; while it is tried again the sensors wait, so nothing piles up.</remarks>
internal sealed class FleetPublisher(Fleet fleet, SpillwayClient client, TextWriter errors, TimeProvider timeProvider)
{
    private const int TopicEnded = 409;
    private const int FirstHubFault = 500; // From here on the fault is the hub's, and passes.

    // Short, so that a reading is not old when it leaves; long enough for several readings in a request.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource<string> _firstCursor = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Reading> _readings = [];
    private readonly List<Alert> _alerts = [];

    /// <summary>The cursor behind the first batch, once the hub has committed it.</summary>
    public Task<string> FirstCursor => _firstCursor.Task;

    /// <summary>Publishes until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick, timeProvider);
        var last = timeProvider.GetTimestamp();
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var now = timeProvider.GetTimestamp();
            fleet.Advance(timeProvider.GetElapsedTime(last, now), timeProvider.GetUtcNow(), _readings, _alerts);
            last = now;
            if (_readings.Count > 0)
            {
                await PublishAsync(cancellationToken);
                _readings.Clear();
                _alerts.Clear();
            }
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        OutgoingEvent[] batch =
        [
            .. _readings.Select(reading => Wire.Write(fleet.Sensors[reading.Sensor], reading)),
            .. _alerts.Select(alert => Wire.Write(fleet.Sensors[alert.Sensor], alert)),
        ];
        var wait = FirstRetry;
        while (!await TryPublishAsync(batch, cancellationToken))
        {
            await Task.Delay(wait, timeProvider, cancellationToken);
            wait = wait * 2 < LastRetry ? wait * 2 : LastRetry;
        }
    }

    /// <summary>False if the same batch has to be tried again, which its ids make harmless.</summary>
    private async Task<bool> TryPublishAsync(OutgoingEvent[] batch, CancellationToken cancellationToken)
    {
        StreamReceipt receipt;
        try
        {
            receipt = await client.PublishStreamAsync(batch.ToAsyncEnumerable(), cancellationToken);
        }
        catch (SpillwayException e) when (e.Status is 0 or >= FirstHubFault)
        {
            await errors.WriteLineAsync($"The fleet could not publish and tries again: {e.Message}");
            return false;
        }

        if (receipt.Errors.Any(fault => fault.Status >= FirstHubFault))
        {
            return false;
        }

        foreach (var fault in receipt.Errors)
        {
            await RetireAsync(batch[fault.Line - 1].Topic, fault);
        }

        if (receipt.Cursor.Length > 0)
        {
            _firstCursor.TrySetResult(receipt.Cursor);
        }

        return true;
    }

    // A visitor may end a topic, or all. Its sensors fall silent; any other refusal is a mistake of this program.
    private async Task RetireAsync(string topic, LineFault fault)
    {
        if (fault.Status != TopicEnded)
        {
            throw new InvalidOperationException($"The hub refused an event of the fleet on the topic {topic}: {fault.Title} {fault.Detail}");
        }

        for (var index = 0; index < fleet.Sensors.Count; index++)
        {
            if (fleet.Sensors[index].Topic == topic)
            {
                fleet.Retire(index);
                await errors.WriteLineAsync($"The topic {topic} has ended: its sensor measures no more.");
            }
        }
    }
}
