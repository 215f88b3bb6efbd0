using System.Globalization;

namespace Spillway.Operations.Prometheus;

/// <summary>The series of a histogram: counts by upper bound, and the sum of all measurements.</summary>
internal sealed class HistogramSeries : MetricSeries
{
    private const int Padding = 16; // Longs in two cache lines: the stripes' counts must not share one.

    private readonly double[] _bounds;
    private readonly long[][] _counts = new long[StripedSum.StripeCount][];
    private readonly string[] _bucketLabels;
    private readonly StripedSum _sum = new();

    public HistogramSeries(string labels, double[] bounds)
        : base(labels)
    {
        _bounds = bounds;
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] = new long[bounds.Length + 1 + Padding];
        }

        var before = labels.Length == 0 ? "" : labels + ",";
        _bucketLabels = [.. bounds.Select(bound => $"{before}le=\"{bound.ToString(CultureInfo.InvariantCulture)}\""), before + "le=\"+Inf\""];
    }

    public override void Record(long value)
    {
        Count(value);
        _sum.Add(value);
    }

    public override void Record(double value)
    {
        Count(value);
        _sum.Add(value);
    }

    public override void Write(PrometheusWriter writer, string name, long scrape)
    {
        var total = 0L;
        for (var bucket = 0; bucket < _bucketLabels.Length; bucket++)
        {
            foreach (var stripe in _counts)
            {
                total += Volatile.Read(ref stripe[bucket]);
            }

            writer.Sample(name + "_bucket", _bucketLabels[bucket], total);
        }

        writer.Sample(name + "_sum", Labels, _sum.Value);
        writer.Sample(name + "_count", Labels, total); // The buckets' own total: a scrape never shows a count that its buckets lack.
    }

    private void Count(double value)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && !(value <= _bounds[bucket])) // Written so that NaN falls into the last bucket.
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[StripedSum.Stripe][bucket]);
    }
}
