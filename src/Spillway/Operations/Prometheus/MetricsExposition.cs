using System.Buffers;
using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spillway.Operations.Prometheus;

/// <summary>
/// What <c>/metrics</c> shows: listens to Spillway's meters, and to the few of the runtime and of Kestrel that an operator of a hub needs. It hears only measurements
/// made after it; so it is made when the endpoints are mapped. Measuring takes no lock; a scrape takes one against other scrapes.
/// </summary>
internal sealed partial class MetricsExposition : IDisposable
{
    /// <summary>The prefix of our meters' names.</summary>
    public const string MeterPrefix = "Spillway.";

    /// <summary>The name of this stage's meter.</summary>
    public const string MeterName = "Spillway.Operations";

    private static readonly FrozenSet<string> Foreign = FrozenSet.Create(
        StringComparer.Ordinal,
        "dotnet.gc.collections",
        "dotnet.gc.heap.total_allocated",
        "dotnet.gc.last_collection.heap.size",
        "dotnet.gc.last_collection.memory.committed_size",
        "dotnet.gc.pause.time",
        "dotnet.monitor.lock_contentions",
        "dotnet.process.cpu.time",
        "dotnet.process.memory.working_set",
        "dotnet.thread_pool.queue.length",
        "dotnet.thread_pool.thread.count",
        "http.server.active_requests",
        "kestrel.active_connections",
        "kestrel.connection.duration",
        "kestrel.queued_connections",
        "kestrel.rejected_connections");

    private readonly Lock _scraping = new();
    private readonly SortedDictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly IMeterFactory _meters;
    private readonly ILogger _logger;
    private readonly SeriesBudget _budget;
    private readonly MeterListener _listener = new();
    private readonly Counter<long> _refusedMeasurements;
    private readonly Counter<long> _failedScrapes;
    private long _scrape;

    public MetricsExposition(IMeterFactory meters, IOptions<SpillwayOptions> options, ILogger<MetricsExposition> logger)
    {
        _meters = meters;
        _logger = logger;
        var meter = meters.Create(MeterName);
        _refusedMeasurements = meter.CreateCounter<long>("spillway.operations.refused_measurements", "{measurement}",
            "Measurements that /metrics does not show: beyond Operations:MetricSeries, or of an instrument whose name another kind has.");
        _failedScrapes = meter.CreateCounter<long>("spillway.operations.failed_scrapes", "{scrape}",
            "Scrapes in which an instrument could not be read; its samples are missing there.");
        _budget = new SeriesBudget(options.Value.Operations.MetricSeries, () => _refusedMeasurements.Add(1));

        _listener.InstrumentPublished = Enable;
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, family) => ((MetricFamily)family!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, family) => ((MetricFamily)family!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, family) => ((MetricFamily)family!).Record((long)value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, family) => ((MetricFamily)family!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, family) => ((MetricFamily)family!).Record((double)value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, family) => ((MetricFamily)family!).Record((double)value, tags));
        _listener.Start();

        // Our own counters take their place first, so that the bound can always be told.
        _refusedMeasurements.Add(0);
        _failedScrapes.Add(0);
    }

    /// <summary>Asks the observable instruments and writes all metrics, in the order of their names.</summary>
    public void Write(IBufferWriter<byte> output)
    {
        lock (_scraping)
        {
            MetricFamily[] families;
            lock (_families)
            {
                families = [.. _families.Values];
            }

            _scrape++;
            foreach (var family in families)
            {
                family.Scrape = _scrape;
            }

            Observe();
            var writer = new PrometheusWriter(output);
            foreach (var family in families)
            {
                family.Write(writer);
            }
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Observe()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException fault)
        {
            _failedScrapes.Add(1); // The callbacks that did not throw were heard; a broken one must not hide them.
            Log.ScrapeFailed(_logger, fault);
        }
    }

    private void Enable(Instrument instrument, MeterListener listener)
    {
        if (!IsWanted(instrument) || KindOf(instrument) is not { } kind)
        {
            return;
        }

        var name = PrometheusName.OfMetric(instrument, kind);
        MetricFamily? family;
        lock (_families)
        {
            if (!_families.TryGetValue(name, out family))
            {
                var bounds = kind == MetricKind.Histogram ? HistogramBounds.Of(instrument) : [];
                family = new MetricFamily(name, instrument.Description ?? "", kind, instrument.IsObservable, bounds, _budget);
                _families.Add(name, family);
            }
        }

        if (family.Kind != kind || family.Observable != instrument.IsObservable)
        {
            _budget.Refuse(); // Prometheus takes one type per name; the first instrument keeps it.
            return;
        }

        listener.EnableMeasurementEvents(instrument, family);
    }

    // The listener hears every meter of the process. One of a host's factory carries that factory as its scope; one of another host's, or of a client in this process, does not.
    private bool IsWanted(Instrument instrument) =>
        instrument.Meter.Name.StartsWith(MeterPrefix, StringComparison.Ordinal)
            ? ReferenceEquals(instrument.Meter.Scope, _meters)
            : Foreign.Contains(instrument.Name) && (instrument.Meter.Scope is null || ReferenceEquals(instrument.Meter.Scope, _meters));

    private static MetricKind? KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return definition switch
        {
            _ when definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) => MetricKind.Counter,
            _ when definition == typeof(UpDownCounter<>) || definition == typeof(ObservableUpDownCounter<>) => MetricKind.UpDownCounter,
            _ when definition == typeof(Gauge<>) || definition == typeof(ObservableGauge<>) => MetricKind.Gauge,
            _ when definition == typeof(Histogram<>) => MetricKind.Histogram,
            _ => null,
        };
    }
}
