using System.Diagnostics;
using System.Diagnostics.Metrics;
using Spillway.History.Retention;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>The meter of one history.</summary>
internal sealed class HistoryMetrics : IDisposable
{
    public const string MeterName = "Spillway.History";

    private readonly Meter? _own;
    private readonly Meter _meter;
    private readonly Counter<long> _appended;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _forgotten;
    private readonly Counter<long> _pages;
    private readonly Counter<long> _loads;
    private readonly Counter<long> _evictions;
    private readonly Counter<long> _rebuilds;
    private readonly Counter<long> _damages;
    private readonly Counter<long> _rewrites;
    private readonly Counter<long> _rewritten;
    private readonly Counter<long> _released;
    private readonly Histogram<double> _cleaning;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _endsForgotten;
    private bool _disposed;

    /// <param name="meters">Makes the meter and disposes it; null: nobody listens but to all meters of the process.</param>
    public HistoryMetrics(IMeterFactory? meters)
    {
        _own = meters is null ? new Meter(MeterName) : null;
        _meter = _own ?? meters!.Create(MeterName);
        _appended = _meter.CreateCounter<long>("spillway.history.appended_events", "{event}", "Records appended to history.");
        _dropped = _meter.CreateCounter<long>("spillway.history.dropped_events", "{event}", "Records that retention took, by reason, and by rule where rules keep events by themselves.");
        _forgotten = _meter.CreateCounter<long>(
            "spillway.history.forgotten_segments", "{segment}", "Dropped segments whose index was given up too: gaps in them have no count.");
        _loads = _meter.CreateCounter<long>("spillway.history.index_loads", "{segment}", "Indexes of sealed segments loaded from their sidecars.");
        _evictions = _meter.CreateCounter<long>("spillway.history.index_evictions", "{segment}", "Loaded indexes given up for others.");
        _rebuilds = _meter.CreateCounter<long>("spillway.history.index_rebuilds", "{segment}", "Indexes made again from their records.");
        _rewrites = _meter.CreateCounter<long>("spillway.history.rewritten_segments", "{segment}", "Segments made anew without what retention took.");
        _rewritten = _meter.CreateCounter<long>("spillway.history.rewritten_bytes", "By", "Bytes of what stayed of them.");
        _cleaning = _meter.CreateHistogram<double>("spillway.history.cleaning.duration", "s", "How long the cleaner took to look, and to take what was to go.");
        _released = _meter.CreateCounter<long>("spillway.history.released_values", "{event}", "Newest events of topics and keys that are no longer retained, by reason.");
        _damages = _meter.CreateCounter<long>("spillway.history.damages", "{stretch}", "Stretches of records found damaged, at the start or while they were read.");
        _endsForgotten = _meter.CreateCounter<long>("spillway.history.forgotten_ends", "{topic}", "Ended topics that were forgotten because History:EndedTopics was reached.");
        _cut = _meter.CreateCounter<long>("spillway.history.cut_bytes", "By", "Bytes of torn ends that starts cut off: records that a crash left unfinished.");
        _pages = _meter.CreateCounter<long>("spillway.history.read_pages", "{page}", "Pages read from history.");
    }

    /// <summary>Begins to observe a history.</summary>
    public void Observe(SegmentedHistory history)
    {
        _meter.CreateObservableGauge("spillway.history.events", () => Now(() => history.Size.Events), "{event}", "Records kept.");
        _meter.CreateObservableGauge("spillway.history.bytes", () => Now(() => history.Size.Bytes), "By", "Bytes of the records kept.");
        _meter.CreateObservableGauge("spillway.history.segments", () => Now(() => history.SegmentCount), "{segment}", "Segments kept.");
        _meter.CreateObservableGauge("spillway.history.topics", () => Now(() => history.TopicCount), "{topic}", "Distinct topics of the records kept.");
        _meter.CreateObservableGauge(
            "spillway.history.index_bytes", () => Now(() => history.IndexBytes), "By", "Memory of the indexes, those of dropped segments included.");
        _meter.CreateObservableGauge("spillway.history.open_files", () => Now(() => history.OpenFiles), "{file}", "Files of sealed segments open for reading.");
        _meter.CreateObservableGauge("spillway.history.ended_topics", () => Now(() => history.EndedTopicCount), "{topic}", "Topics remembered as ended.");
        _meter.CreateObservableGauge("spillway.history.retained_keys", () => Now(() => history.RetainedKeyCount), "{key}", "Topics and keys of which the newest event is retained.");
        _meter.CreateObservableGauge("spillway.history.retained_bytes", () => Now(() => history.RetainedBytes), "By", "Bytes of events that are kept for that alone.");
        _meter.CreateObservableGauge("spillway.history.unsynced_offsets", () => Now(() => history.Head - history.Synced), "{event}", "Offsets appended that a loss of power could still take.");
        _meter.CreateObservableGauge("spillway.history.open_duration", () => Now(() => history.OpenDuration.TotalSeconds), "s", "How long the last start took to open history.");
        _meter.CreateObservableGauge("spillway.history.oldest_age", () => Now(() => history.OldestAge.TotalSeconds), "s", "Age of the oldest record kept.");
    }

    public void Released(ReleaseReason reason) => _released.Add(1, new KeyValuePair<string, object?>("reason", NameOf(reason)));

    public void Appended(long events) => _appended.Add(events);

    public void Dropped(long events, string reason) => _dropped.Add(events, new KeyValuePair<string, object?>("reason", reason));

    public void Dropped(long events, RetentionReason reason, string rule) =>
        _dropped.Add(events, new KeyValuePair<string, object?>("reason", NameOf(reason)), new KeyValuePair<string, object?>("rule", rule));

    public void Rewritten(int segments, long bytes)
    {
        _rewrites.Add(segments);
        _rewritten.Add(bytes);
    }

    public void Cleaned(long began) => _cleaning.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);

    public void Forgotten() => _forgotten.Add(1);

    public void PageRead() => _pages.Add(1);

    public void IndexLoaded() => _loads.Add(1);

    public void IndexEvicted() => _evictions.Add(1);

    public void IndexRebuilt() => _rebuilds.Add(1);

    /// <summary>A segment was loaded at the start.</summary>
    public void Recovered(StoredSegment segment)
    {
        _damages.Add(segment.Damage.Count);
        _cut.Add(segment.CutBytes);
    }

    public void EndsForgotten(long topics) => _endsForgotten.Add(topics);

    public void DamageFound() => _damages.Add(1);

    public void Dispose()
    {
        Volatile.Write(ref _disposed, true);
        _own?.Dispose();
    }

    private static string NameOf(RetentionReason reason) => reason switch
    {
        RetentionReason.Age => "age",
        RetentionReason.QuotaBytes => "quota-bytes",
        RetentionReason.QuotaEvents => "quota-events",
        RetentionReason.Bytes => "bytes",
        _ => "events",
    };

    private static string NameOf(ReleaseReason reason) => reason switch
    {
        ReleaseReason.Newer => "newer",
        ReleaseReason.Expired => "expired",
        ReleaseReason.Ended => "ended",
        ReleaseReason.Keys => "keys",
        _ => "bytes",
    };

    /// <summary>A closed history is not observed: its successor in the same process is.</summary>
    private Measurement<T>[] Now<T>(Func<T> read)
        where T : struct => Volatile.Read(ref _disposed) ? [] : [new Measurement<T>(read())];
}
