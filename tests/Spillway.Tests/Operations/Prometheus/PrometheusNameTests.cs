using System.Diagnostics.Metrics;
using Spillway.Operations.Prometheus;

namespace Spillway.Tests.Operations.Prometheus;

public sealed class PrometheusNameTests : IDisposable
{
    private readonly Meter _meter = new("Test");

    public void Dispose() => _meter.Dispose();

    [Theory]
    [InlineData("spillway.ingress.events", "{event}", "spillway_ingress_events_total")]
    [InlineData("spillway.ingress.bytes", "By", "spillway_ingress_bytes_total")]
    [InlineData("spillway.ingress.received", "By", "spillway_ingress_received_bytes_total")]
    [InlineData("spillway.time.total", "s", "spillway_time_seconds_total")]
    [InlineData("spillway.seconds_total", "s", "spillway_seconds_total")]
    [InlineData("spillway.things", null, "spillway_things_total")]
    [InlineData("spillway.rate", "By/s", "spillway_rate_bytes_per_second_total")]
    [InlineData("spillway.rate", "{event}/s", "spillway_rate_per_second_total")]
    [InlineData("spillway.shares", "1", "spillway_shares_total")]
    [InlineData("a..b._c", "ms", "a_b_c_milliseconds_total")]
    public void OfMetric_Counter_EndsInUnitAndTotal(string name, string? unit, string expected)
    {
        var counter = _meter.CreateCounter<long>(name, unit);

        Assert.Equal(expected, PrometheusName.OfMetric(counter, MetricKind.Counter));
    }

    [Theory]
    [InlineData("spillway.hub.connections", "{connection}", "spillway_hub_connections")]
    [InlineData("spillway.queue_bytes", "By", "spillway_queue_bytes")]
    [InlineData("spillway.fill", "1", "spillway_fill_ratio")]
    [InlineData("spillway.fill", "%", "spillway_fill_percent")]
    [InlineData("spillway.age", "h", "spillway_age_hours")]
    [InlineData("spillway.speed", "m/s", "spillway_speed_m_per_second")]
    public void OfMetric_Gauge_EndsInUnit(string name, string unit, string expected)
    {
        var gauge = _meter.CreateGauge<long>(name, unit);

        Assert.Equal(expected, PrometheusName.OfMetric(gauge, MetricKind.Gauge));
    }

    [Fact]
    public void OfMetric_Histogram_EndsInSeconds()
    {
        var histogram = _meter.CreateHistogram<double>("spillway.commit.duration", "s");

        Assert.Equal("spillway_commit_duration_seconds", PrometheusName.OfMetric(histogram, MetricKind.Histogram));
    }

    [Theory]
    [InlineData("error.type", "error_type")]
    [InlineData("9lives", "_9lives")]
    [InlineData("__name__", "_name_")]
    [InlineData("naïve", "na_ve")]
    [InlineData("a:b", "a_b")]
    [InlineData("le", "tag_le")]
    [InlineData("", "_")]
    public void OfLabel_AnyKey_IsALabelName(string key, string expected)
    {
        Assert.Equal(expected, PrometheusName.OfLabel(key));
    }
}
