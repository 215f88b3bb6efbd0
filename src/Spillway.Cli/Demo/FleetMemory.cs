using Spillway.Client;

namespace Spillway.Cli.Demo;

/// <summary>
/// Lets a new process go on where the last one stopped: the numbering of every sensor, and the alerts that stand. The hub's own history is the memory,
/// read by a subscription like any other: a snapshot.
/// </summary>
internal static class FleetMemory
{
    public const string MarkTopic = "demo/started";

    // Longer than any snapshot of a fleet takes; a hub that does not answer must not leave a silent program.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Tells the fleet what the hub remembers of it.</summary>
    /// <returns>For how many sensors the numbering goes on.</returns>
    public static async Task<int> RecallAsync(Fleet fleet, SpillwayClient client, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, timeProvider);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ReadAsync(fleet, client, both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The hub did not send its snapshot of {Wire.ReadingPattern} within {Patience.TotalSeconds} s.");
        }
    }

    /// <remarks>
    /// A snapshot has no end of its own. So once the subscription stands, a mark is published: what comes live comes behind the snapshot, and
    /// the mark comes live.
    /// </remarks>
    private static async Task<int> ReadAsync(Fleet fleet, SpillwayClient client, CancellationToken cancellationToken)
    {
        var sensors = fleet.Sensors.Select((sensor, index) => (sensor.Topic, index)).ToDictionary();
        var alerts = fleet.Sensors.Select((sensor, index) => ((sensor.AlertTopic, sensor.Key), index)).ToDictionary();
        var mark = RunName.Create();
        HashSet<int> known = [];
        var stream = client.SubscribeAsync(
            new SubscribeOptions { Topics = [MarkTopic], Patterns = [Wire.ReadingPattern, Wire.AlertPattern], Start = StartingPoint.Snapshot }, cancellationToken);
        await foreach (var item in stream)
        {
            if (item is ConnectedNotice)
            {
                await client.PublishAsync(new OutgoingEvent { Topic = MarkTopic, Type = "started", Text = mark }, cancellationToken);
            }
            else if (item is ReceivedEvent received)
            {
                if (received.Topic == MarkTopic && received.Text == mark)
                {
                    break;
                }

                if (sensors.TryGetValue(received.Topic, out var sensor) && Wire.TryReadNumber(received, out var run, out var sequence))
                {
                    fleet.Continue(sensor, run, sequence);
                    known.Add(sensor);
                }
                else if (alerts.TryGetValue((received.Topic, received.Key ?? ""), out sensor) && Wire.TryReadStanding(received, out var since, out var peak))
                {
                    fleet.ContinueAlert(sensor, since, peak);
                }
            }
        }

        return known.Count;
    }
}
