namespace Spillway.Operations.Prometheus;

/// <summary>What a metric's samples mean.</summary>
internal enum MetricKind
{
    /// <summary>A sum that only rises.</summary>
    Counter,

    /// <summary>A sum that rises and falls; Prometheus calls it a gauge.</summary>
    UpDownCounter,

    /// <summary>The newest value.</summary>
    Gauge,

    /// <summary>Counts by size.</summary>
    Histogram,
}
