using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>What an operator sees of the hub.</summary>
public sealed class OperationsOptions
{
    /// <summary>The most series that <c>/metrics</c> shows; a histogram takes one per bucket and two more. Further label sets are counted and left out. Default: 2,000.</summary>
    [Range(100, 1_000_000)]
    public int MetricSeries { get; set; } = 2_000;
}
