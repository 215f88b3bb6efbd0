namespace Spillway.Operations.Prometheus;

/// <summary>A metric: all series of one name. Measurements find their series without a lock; a new series is made under one.</summary>
internal sealed class MetricFamily(string name, string help, MetricKind kind, bool observable, double[] bounds, SeriesBudget budget)
{
    private const int MinSlots = 8;

    private readonly Lock _making = new();
    private readonly SortedDictionary<string, MetricSeries> _byLabels = new(StringComparer.Ordinal);
    private Entry?[] _slots = new Entry?[MinSlots]; // Open addressing, at most half full. Replaced, or filled in, only under the lock; read without it.
    private MetricSeries? _untagged;
    private int _entries;

    public string Name { get; } = name;

    public MetricKind Kind { get; } = kind;

    /// <summary>Whether instruments are asked for their values at a scrape.</summary>
    public bool Observable { get; } = observable;

    /// <summary>The number of the scrape that runs, or ran last.</summary>
    public long Scrape { get; set; }

    public void Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags)?.Record(value);

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) => Find(tags)?.Record(value);

    /// <summary>Writes the header and all series, in the order of their labels; nothing where there is none.</summary>
    public void Write(PrometheusWriter writer)
    {
        MetricSeries[] all;
        lock (_making)
        {
            all = [.. _byLabels.Values];
        }

        if (all.Length == 0)
        {
            return;
        }

        writer.Header(Name, help, Kind);
        foreach (var series in all)
        {
            series.Write(writer, Name, Scrape);
        }
    }

    private MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return Volatile.Read(ref _untagged) ?? Make(tags, 0);
        }

        var hash = TagSet.Hash(tags);
        return Lookup(Volatile.Read(ref _slots), hash, tags)?.Series ?? Make(tags, hash);
    }

    private static Entry? Lookup(Entry?[] slots, int hash, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        for (var i = hash & (slots.Length - 1); Volatile.Read(ref slots[i]) is { } entry; i = (i + 1) & (slots.Length - 1))
        {
            if (entry.Hash == hash && TagSet.Same(tags, entry.Tags))
            {
                return entry;
            }
        }

        return null;
    }

    private MetricSeries? Make(ReadOnlySpan<KeyValuePair<string, object?>> tags, int hash)
    {
        if (budget.Exhausted)
        {
            budget.Refuse(); // Without the lock: at the bound every measurement with new tags comes here.
            return null;
        }

        lock (_making)
        {
            var found = tags.IsEmpty ? _untagged : Lookup(_slots, hash, tags)?.Series;
            if (found is not null)
            {
                return found;
            }

            // Another spelling of the same labels (1 and "1") is an entry of its own and shares the series. It counts too: entries must not grow either.
            if (!budget.TryTake(Kind == MetricKind.Histogram ? bounds.Length + 3 : 1))
            {
                budget.Refuse();
                return null;
            }

            var labels = TagSet.Labels(tags);
            if (!_byLabels.TryGetValue(labels, out var series))
            {
                series = NewSeries(labels);
                _byLabels.Add(labels, series);
            }

            Add(tags, hash, series);
            return series;
        }
    }

    private MetricSeries NewSeries(string labels) => Kind switch
    {
        MetricKind.Histogram => new HistogramSeries(labels, bounds),
        _ when Observable => new ObservedSeries(labels, this),
        MetricKind.Gauge => new GaugeSeries(labels),
        _ => new SumSeries(labels),
    };

    private void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags, int hash, MetricSeries series)
    {
        if (tags.IsEmpty)
        {
            Volatile.Write(ref _untagged, series);
            return;
        }

        var slots = _slots;
        if (++_entries * 2 > slots.Length)
        {
            slots = new Entry?[_slots.Length * 2];
            foreach (var entry in _slots)
            {
                if (entry is not null)
                {
                    Insert(slots, entry);
                }
            }
        }

        Insert(slots, new Entry(hash, tags.ToArray(), series));
        Volatile.Write(ref _slots, slots);
    }

    private static void Insert(Entry?[] slots, Entry entry)
    {
        var i = entry.Hash & (slots.Length - 1);
        while (slots[i] is not null)
        {
            i = (i + 1) & (slots.Length - 1);
        }

        Volatile.Write(ref slots[i], entry);
    }

    private sealed record Entry(int Hash, KeyValuePair<string, object?>[] Tags, MetricSeries Series);
}
