using System.Diagnostics.Metrics;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>What ingress counts.</summary>
internal sealed class IngressMetrics
{
    public const string MeterName = "Spillway.Ingress";

    private readonly Counter<long> _accepted;
    private readonly Counter<long> _duplicates;
    private readonly Counter<long> _refused;

    public IngressMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _accepted = meter.CreateCounter<long>("spillway.ingress.accepted_events", "{event}", "Events added.");
        _duplicates = meter.CreateCounter<long>("spillway.ingress.duplicate_events", "{event}", "Events that were there already, by their id.");
        _refused = meter.CreateCounter<long>(
            "spillway.ingress.refused_events", "{event}", "Events refused, by the name of the problem. A request that could not be read counts as one.");
    }

    public void Committed(int accepted, int duplicates)
    {
        _accepted.Add(accepted);
        if (duplicates > 0)
        {
            _duplicates.Add(duplicates);
        }
    }

    public void Refused(Problem problem, int events) =>
        _refused.Add(Math.Max(events, 1), new KeyValuePair<string, object?>("reason", problem.Name));
}
