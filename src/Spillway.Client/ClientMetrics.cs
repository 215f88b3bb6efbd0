using System.Diagnostics.Metrics;

namespace Spillway.Client;

/// <summary>Counters of all clients in the process, under the meter <c>Spillway.Client</c>.</summary>
internal static class ClientMetrics
{
    private static readonly Meter Meter = new("Spillway.Client");

    public static readonly Counter<long> Reconnects = Meter.CreateCounter<long>(
        "spillway.client.reconnects", "{connection}", "Subscriptions that were connected again.");

    public static readonly Counter<long> FailedAttempts = Meter.CreateCounter<long>(
        "spillway.client.failed_attempts", "{attempt}", "Attempts to subscribe that failed.");

    public static readonly Counter<long> SilentConnections = Meter.CreateCounter<long>(
        "spillway.client.silent_connections", "{connection}", "Connections given up because no byte came for two and a half keep-alives.");

    public static readonly Counter<long> DuplicateEvents = Meter.CreateCounter<long>(
        "spillway.client.duplicate_events", "{event}", "Events that came again and were not handed out.");

    public static readonly Counter<long> OversizedEvents = Meter.CreateCounter<long>(
        "spillway.client.oversized_events", "{event}", "Events skipped because they were longer than the subscription allows.");

    public static readonly Counter<long> Gaps = Meter.CreateCounter<long>(
        "spillway.client.gaps", "{gap}", "Gaps told to readers.");

    public static readonly Counter<long> PublishRetries = Meter.CreateCounter<long>(
        "spillway.client.publish_retries", "{attempt}", "Publish requests that were sent again.");
}
