using System.Buffers;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Spillway.Operations.Prometheus;

namespace Spillway.Microbenchmarks;

/// <summary>What a measurement costs while <c>/metrics</c> listens, and what a scrape costs.</summary>
[MemoryDiagnoser]
public class MetricsExpositionBenchmarks
{
    private readonly ServiceProvider _host = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ArrayBufferWriter<byte> _output = new(1024 * 1024);
    private MetricsExposition? _exposition;
    private Counter<long> _counter = null!;
    private Histogram<double> _histogram = null!;

    /// <summary>Off is the price of the instrument alone.</summary>
    [Params(false, true)]
    public bool Listening { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var meters = _host.GetRequiredService<IMeterFactory>();
        _exposition = Listening ? new MetricsExposition(meters, Options.Create(new SpillwayOptions()), NullLogger<MetricsExposition>.Instance) : null;
        var meter = meters.Create("Spillway.Bench");
        _counter = meter.CreateCounter<long>("spillway.bench.events");
        _histogram = meter.CreateHistogram<double>("spillway.bench.duration", "s");
        for (var i = 0; i < 50; i++)
        {
            _counter.Add(1, new KeyValuePair<string, object?>("reason", $"reason-{i}"));
        }
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _exposition?.Dispose();
        _host.Dispose();
    }

    [Benchmark(Baseline = true)]
    public void Untagged() => _counter.Add(1);

    [Benchmark]
    public void OneTagOfFifty() => _counter.Add(1, new KeyValuePair<string, object?>("reason", "reason-7"));

    [Benchmark]
    public void Duration() => _histogram.Record(0.003);

    [Benchmark]
    public int Scrape()
    {
        _output.ResetWrittenCount();
        _exposition?.Write(_output);
        return _output.WrittenCount;
    }
}
