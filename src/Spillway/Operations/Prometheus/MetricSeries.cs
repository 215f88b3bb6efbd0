namespace Spillway.Operations.Prometheus;

/// <summary>One label set of a metric and its value.</summary>
/// <param name="labels">The labels as they are written, without braces; empty where there are none.</param>
internal abstract class MetricSeries(string labels)
{
    public string Labels { get; } = labels;

    /// <summary>Takes a measurement. Any thread, without a lock.</summary>
    public abstract void Record(long value);

    /// <summary>Takes a measurement. Any thread, without a lock.</summary>
    public abstract void Record(double value);

    /// <summary>Writes the samples of scrape number <paramref name="scrape"/>.</summary>
    public abstract void Write(PrometheusWriter writer, string name, long scrape);
}
