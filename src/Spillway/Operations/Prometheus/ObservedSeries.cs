namespace Spillway.Operations.Prometheus;

/// <summary>
/// The series of an observable instrument: asked for at each scrape, under the scrape's lock, and written only if it was seen in that scrape. Several instruments
/// of one name add up, but for gauges, of which the last one stands.
/// </summary>
/// <param name="family">Knows the number of the scrape that runs.</param>
internal sealed class ObservedSeries(string labels, MetricFamily family) : MetricSeries(labels)
{
    private double _value;
    private long _seenIn;

    public override void Record(long value) => Record((double)value);

    public override void Record(double value)
    {
        var adds = _seenIn == family.Scrape && family.Kind != MetricKind.Gauge;
        _value = adds ? _value + value : value;
        _seenIn = family.Scrape;
    }

    public override void Write(PrometheusWriter writer, string name, long scrape)
    {
        if (_seenIn == scrape)
        {
            writer.Sample(name, Labels, _value);
        }
    }
}
