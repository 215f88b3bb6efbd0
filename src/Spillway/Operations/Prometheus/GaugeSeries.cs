namespace Spillway.Operations.Prometheus;

/// <summary>The series of a gauge that the code sets: the newest measurement stands.</summary>
internal sealed class GaugeSeries(string labels) : MetricSeries(labels)
{
    private double _value;

    public override void Record(long value) => Volatile.Write(ref _value, value);

    public override void Record(double value) => Volatile.Write(ref _value, value);

    public override void Write(PrometheusWriter writer, string name, long scrape) => writer.Sample(name, Labels, Volatile.Read(ref _value));
}
