namespace Spillway.Operations.Prometheus;

/// <summary>The series of a counter or an up-down counter: measurements are added up.</summary>
internal sealed class SumSeries(string labels) : MetricSeries(labels)
{
    private readonly StripedSum _sum = new();

    public override void Record(long value) => _sum.Add(value);

    public override void Record(double value) => _sum.Add(value);

    public override void Write(PrometheusWriter writer, string name, long scrape) => writer.Sample(name, Labels, _sum.Value);
}
