using System.Diagnostics.Metrics;

namespace Spillway.Transports;

/// <summary>What the endpoints of subscribers count: requests that got no stream.</summary>
internal sealed class TransportMetrics(IMeterFactory meters)
{
    public const string MeterName = "Spillway.Transports";

    private readonly Counter<long> _refused = meters.Create(MeterName).CreateCounter<long>(
        "spillway.transports.refused_subscriptions", "{subscription}", "Subscriptions that got no stream, by reason: a problem's name, full, or write-timeout.");

    private readonly Counter<long> _polls = meters.Create(MeterName).CreateCounter<long>("spillway.transports.answered_polls", "{poll}", "Polls answered, by what the answer holds.");

    /// <summary>A poll has its answer.</summary>
    public void Answered(string result) => _polls.Add(1, new KeyValuePair<string, object?>("result", result));

    public void Refused(string reason) => _refused.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
