using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spillway.Operations.Prometheus;

namespace Spillway.Tests.Operations.Prometheus;

public sealed class SeriesBudgetTests : IDisposable
{
    private readonly ServiceProvider _host = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricsExposition _exposition;
    private readonly Meter _meter;

    public SeriesBudgetTests()
    {
        GC.Collect(); // Before the first collection the runtime has fewer series, and some tests count them.
        var options = new SpillwayOptions();
        options.Operations.MetricSeries = 100;
        var meters = _host.GetRequiredService<IMeterFactory>();
        _exposition = new MetricsExposition(meters, Options.Create(options), NullLogger<MetricsExposition>.Instance);
        _meter = meters.Create("Spillway.Test");
    }

    public void Dispose()
    {
        _exposition.Dispose();
        _meter.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void TryTake_BeyondTheBound_RefusesEverythingAfterIt()
    {
        var refused = 0;
        var budget = new SeriesBudget(10, () => refused++);

        Assert.True(budget.TryTake(10));
        Assert.False(budget.Exhausted);
        Assert.False(budget.TryTake(1));
        Assert.True(budget.Exhausted);
        Assert.False(budget.TryTake(0));
        budget.Refuse();
        Assert.Equal(1, refused);
    }

    [Fact]
    public void Write_MoreSeriesThanAllowed_ShowsTheFirstAndCountsTheRest()
    {
        var counter = _meter.CreateCounter<long>("spillway.test.events");
        for (var i = 0; i < 150; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("i", i));
        }

        counter.Add(1, new KeyValuePair<string, object?>("i", 0));
        _meter.CreateCounter<long>("spillway.test.late").Add(1);

        var samples = Samples("spillway"); // Once: a scrape asks the runtime's meters, which are refused then, too.

        // The two counters of the exposition itself are in the bound, too.
        Assert.Equal(98, samples.Count(static line => line.StartsWith("spillway_test", StringComparison.Ordinal)));
        Assert.Contains("spillway_test_events_total{i=\"0\"} 2", samples);
        Assert.Equal(RefusedAtScrape() + 53, Refused(samples));
    }

    [Fact]
    public void Write_HistogramBeyondTheBound_TakesNoPart()
    {
        var histogram = _meter.CreateHistogram<double>("spillway.test.duration", "s"); // 15 bounds: 18 series for each set of labels.
        for (var i = 0; i < 8; i++)
        {
            histogram.Record(1, new KeyValuePair<string, object?>("i", i));
        }

        var samples = Samples("spillway");

        Assert.Equal(5 * 18, samples.Count(static line => line.StartsWith("spillway_test", StringComparison.Ordinal)));
        Assert.Equal(RefusedAtScrape() + 3, Refused(samples));
    }

    // How many measurements of the runtime each scrape refuses, once the bound is reached.
    private int RefusedAtScrape() => -Refused(Samples("spillway_operations")) + Refused(Samples("spillway_operations"));

    private static int Refused(string[] samples)
    {
        const string Name = "spillway_operations_refused_measurements_total ";
        return int.Parse(samples.Single(static line => line.StartsWith(Name, StringComparison.Ordinal))[Name.Length..], null);
    }

    private string[] Samples(string name) => ExpositionText.Samples(_exposition, name);
}
