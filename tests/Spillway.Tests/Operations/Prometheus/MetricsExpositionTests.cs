using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spillway.Operations.Prometheus;

namespace Spillway.Tests.Operations.Prometheus;

public sealed class MetricsExpositionTests : IDisposable
{
    private readonly ServiceProvider _host = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MetricsExposition _exposition;
    private readonly Meter _meter;

    public MetricsExpositionTests()
    {
        var meters = _host.GetRequiredService<IMeterFactory>();
        _exposition = new MetricsExposition(meters, Options.Create(new SpillwayOptions()), NullLogger<MetricsExposition>.Instance);
        _meter = meters.Create("Spillway.Test");
    }

    public void Dispose()
    {
        _exposition.Dispose();
        _meter.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void Write_Counter_HasHelpTypeAndSum()
    {
        var counter = _meter.CreateCounter<long>("spillway.test.events", "{event}", "Events with a \\ and\na \"quote\".");
        counter.Add(2);
        counter.Add(3);

        Assert.Equal(
            ["# HELP spillway_test_events_total Events with a \\\\ and\\na \"quote\".", "# TYPE spillway_test_events_total counter", "spillway_test_events_total 5"],
            Lines("spillway_test"));
    }

    [Fact]
    public void Write_NoDescription_HasNoHelp()
    {
        _meter.CreateCounter<double>("spillway.test.seconds", "s").Add(0.25);

        Assert.Equal(["# TYPE spillway_test_seconds_total counter", "spillway_test_seconds_total 0.25"], Lines("spillway_test"));
    }

    [Fact]
    public void Write_TagsInAnyOrder_AreOneSeriesInTheOrderOfLabels()
    {
        var counter = _meter.CreateCounter<int>("spillway.test.events");
        counter.Add(1, new("reason", "x"), new("a", 1));
        counter.Add(1, new("a", 1), new("reason", "x"));
        counter.Add(1, new("a", "1"), new("reason", "x"));
        counter.Add(1, new("a", true), new("reason", null));
        counter.Add(4);

        Assert.Equal(
            ["spillway_test_events_total 4", "spillway_test_events_total{a=\"1\",reason=\"x\"} 3", "spillway_test_events_total{a=\"true\"} 1"],
            Samples("spillway_test"));
    }

    [Fact]
    public void Write_LabelWithSpecialCharacters_IsEscaped()
    {
        _meter.CreateCounter<long>("spillway.test.events").Add(1, new KeyValuePair<string, object?>("a.b", "back\\slash \"quote\"\nline ü"));

        Assert.Equal(["spillway_test_events_total{a_b=\"back\\\\slash \\\"quote\\\"\\nline ü\"} 1"], Samples("spillway_test"));
    }

    [Fact]
    public void Write_TwoKeysOfOneName_AreOneLabel()
    {
        _meter.CreateCounter<long>("spillway.test.events").Add(1, new("a.b", "x"), new("a_b", "y"));

        Assert.Equal(["spillway_test_events_total{a_b=\"x;y\"} 1"], Samples("spillway_test"));
    }

    [Fact]
    public void Write_UpDownCounterAndGauge_AreGauges()
    {
        var open = _meter.CreateUpDownCounter<long>("spillway.test.open");
        open.Add(5);
        open.Add(-7);
        var level = _meter.CreateGauge<double>("spillway.test.level");
        level.Record(1.5);
        level.Record(double.NegativeInfinity);

        Assert.Equal(
            ["# TYPE spillway_test_level gauge", "spillway_test_level -Inf", "# TYPE spillway_test_open gauge", "spillway_test_open -2"],
            Lines("spillway_test"));
    }

    [Fact]
    public void Write_Histogram_HasCumulativeBucketsSumAndCount()
    {
        var duration = _meter.CreateHistogram("spillway.test.duration", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (var value in new[] { 0.05, 0.1, 0.5, 2 })
        {
            duration.Record(value, new KeyValuePair<string, object?>("kind", "x"));
        }

        Assert.Equal(
            [
                "# TYPE spillway_test_duration_seconds histogram",
                "spillway_test_duration_seconds_bucket{kind=\"x\",le=\"0.1\"} 2",
                "spillway_test_duration_seconds_bucket{kind=\"x\",le=\"1\"} 3",
                "spillway_test_duration_seconds_bucket{kind=\"x\",le=\"+Inf\"} 4",
                "spillway_test_duration_seconds_sum{kind=\"x\"} 2.65",
                "spillway_test_duration_seconds_count{kind=\"x\"} 4",
            ],
            Lines("spillway_test"));
    }

    [Theory]
    [InlineData("s", "0.0005")]
    [InlineData("By", "64")]
    [InlineData("{event}", "0")]
    public void Write_HistogramWithoutAdvice_HasBucketsForItsUnit(string unit, string first)
    {
        _meter.CreateHistogram<long>("spillway.test.sizes", unit).Record(1);

        Assert.Contains($"le=\"{first}\"", Samples("spillway_test")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Write_NotANumber_CountsInTheLastBucket()
    {
        _meter.CreateHistogram<double>("spillway.test.duration", "s").Record(double.NaN);

        var samples = Samples("spillway_test");

        Assert.Contains("spillway_test_duration_seconds_bucket{le=\"30\"} 0", samples);
        Assert.Contains("spillway_test_duration_seconds_bucket{le=\"+Inf\"} 1", samples);
        Assert.Contains("spillway_test_duration_seconds_sum NaN", samples);
    }

    [Fact]
    public void Write_Observables_AreAskedAtEachScrape()
    {
        var total = 10L;
        KeyValuePair<string, object?>[] tags = [new("state", "a")];
        _meter.CreateObservableCounter("spillway.test.total", () => total);
        _meter.CreateObservableGauge("spillway.test.states", () => total == 10 ? [new Measurement<long>(7, tags)] : Array.Empty<Measurement<long>>());

        var first = Samples("spillway_test");
        total = 12;
        var second = Samples("spillway_test");

        Assert.Equal(["spillway_test_states{state=\"a\"} 7", "spillway_test_total 10"], first);
        Assert.Equal(["spillway_test_total 12"], second); // What is no longer reported is no longer shown.
    }

    [Fact]
    public void Write_ObservablesOfOneName_AddUp()
    {
        _meter.CreateObservableUpDownCounter("spillway.test.open", () => 3);
        _meter.CreateObservableUpDownCounter("spillway.test.open", () => 4);

        Assert.Equal(["spillway_test_open 7"], Samples("spillway_test"));
        Assert.Equal(["spillway_test_open 7"], Samples("spillway_test"));
    }

    [Fact]
    public void Write_ObservableThatThrows_IsCountedAndHidesNoOther()
    {
        _meter.CreateObservableGauge("spillway.test.broken", () => Broken());
        _meter.CreateObservableGauge("spillway.test.sound", () => 1);

        Assert.Equal(["spillway_test_sound 1"], Samples("spillway_test"));
        Assert.Equal(["spillway_operations_failed_scrapes_total 2"], Samples("spillway_operations_failed"));

        static int Broken() => throw new InvalidOperationException("broken");
    }

    [Fact]
    public void Write_NameThatAnotherKindHas_ShowsTheFirstAndCountsTheSecond()
    {
        _meter.CreateCounter<long>("spillway.test.events").Add(1);
        _meter.CreateUpDownCounter<long>("spillway.test.events.total").Add(100);

        Assert.Equal(["spillway_test_events_total 1"], Samples("spillway_test"));
        Assert.Equal(["spillway_operations_refused_measurements_total 1"], Samples("spillway_operations_refused"));
    }

    [Fact]
    public void Write_MetersOfOthers_AreLeftOut()
    {
        using var other = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var stranger = other.GetRequiredService<IMeterFactory>().Create("Spillway.Test");
        stranger.CreateCounter<long>("spillway.test.strange").Add(1);
        using var foreign = new Meter("Elsewhere");
        foreign.CreateCounter<long>("spillway.test.foreign").Add(1);
        using var unscoped = new Meter("Spillway.Client");
        unscoped.CreateCounter<long>("spillway.test.client").Add(1);

        Assert.Empty(Lines("spillway_test"));
    }

    [Fact]
    public void Write_Runtime_ShowsMemoryAndCollections()
    {
        Assert.Single(Samples("dotnet_process_memory_working_set_bytes"));
        Assert.Contains(Samples("dotnet_gc_collections_total"), static line => line.StartsWith("dotnet_gc_collections_total{gc_heap_generation=\"gen0\"} ", StringComparison.Ordinal));
        Assert.Empty(Samples("dotnet_jit"));
    }

    [Fact]
    public void Write_Twice_HasTheSameOrder()
    {
        foreach (var name in new[] { "spillway.test.c", "spillway.test.a", "spillway.test.b" })
        {
            var counter = _meter.CreateCounter<long>(name);
            counter.Add(1, new KeyValuePair<string, object?>("x", "2"));
            counter.Add(1, new KeyValuePair<string, object?>("x", "1"));
        }

        var lines = Lines("spillway_test");

        Assert.Equal(lines, Lines("spillway_test"));
        Assert.Equal(["a", "a", "b", "b", "c", "c"], lines.Where(static line => line[0] != '#').Select(static line => line["spillway_test_".Length..][..1]));
        Assert.Contains("x=\"1\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_ManyThreadsWhileScraping_LosesNothing()
    {
        const int Threads = 4;
        const int Each = 20_000;
        var counter = _meter.CreateCounter<long>("spillway.test.events");
        var histogram = _meter.CreateHistogram<double>("spillway.test.duration", "s");

        var writers = Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("i", i % 20)); // All threads race to make each series.
                histogram.Record(0.5);
            }
        })).ToArray();
        var scrapes = 0;
        for (; scrapes < 10 || !Array.TrueForAll(writers, static task => task.IsCompleted); scrapes++)
        {
            Samples("spillway_test");
        }

        await Task.WhenAll(writers);

        Assert.Equal(Enumerable.Repeat(Threads * Each / 20, 20), Samples("spillway_test_events").Select(static line => int.Parse(line.Split(' ')[1], null)));
        Assert.Contains($"spillway_test_duration_seconds_count {Threads * Each}", Samples("spillway_test_duration"));
        Assert.Contains($"spillway_test_duration_seconds_sum {Threads * Each / 2}", Samples("spillway_test_duration"));
    }

    private string[] Lines(string name) => ExpositionText.Lines(_exposition, name);

    private string[] Samples(string name) => ExpositionText.Samples(_exposition, name);
}
