using System.Diagnostics.Metrics;

namespace Spillway.TestKit;

/// <summary>Makes meters and adds up what is measured with them, and with them only: other tests' meters of the same name do not count.</summary>
internal sealed class MetricCollector : IMeterFactory
{
    private readonly Lock _lock = new();
    private readonly List<Meter> _meters = [];
    private readonly MeterListener _listener = new();
    private readonly List<(string Name, bool IsObserved, double Value, KeyValuePair<string, object?>[] Tags)> _measured = [];

    public MetricCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, this))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, options.Version, options.Tags, scope: this);
        lock (_lock)
        {
            _meters.Add(meter);
        }

        return meter;
    }

    /// <summary>The sum of what an instrument has measured, of one tag value if one is given; of a gauge: its value now.</summary>
    public double Sum(string name, string? tagValue = null)
    {
        lock (_lock)
        {
            _measured.RemoveAll(measured => measured.IsObserved && measured.Name == name);
        }

        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            return _measured.Where(measured => measured.Name == name && (tagValue is null || measured.Tags.Any(tag => Equals(tag.Value, tagValue)))).Sum(static measured => measured.Value);
        }
    }

    /// <summary>How often an instrument has measured, with one tag value if one is given.</summary>
    public int Count(string name, string? tagValue = null)
    {
        lock (_lock)
        {
            return _measured.Count(measured => measured.Name == name && (tagValue is null || measured.Tags.Any(tag => Equals(tag.Value, tagValue))));
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_lock)
        {
            _measured.Add((instrument.Name, instrument.IsObservable, value, tags.ToArray()));
        }
    }
}
