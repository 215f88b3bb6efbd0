using Spillway.Events;
using Spillway.History.Sealed;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>
/// The segments that are kept, with all that is derived from which they are: sizes, ends. The writer changes it, the keeper puts sealed segments in the place of those in
/// memory, readers note damage; any thread reads its properties.
/// </summary>
/// <param name="later">Does what may wait for a disk, apart from the writer; null: at once.</param>
internal sealed partial class RetainedSegments(HistoryLimits limits, HistoryMetrics metrics, SealedStore? store = null, Action<Action>? later = null)
{
    /// <summary>With fewer segments than this, indexes are kept as for this many: a hub that was quiet for a day knows what it dropped.</summary>
    private const int FewSegments = 16;

    private readonly Lock _changing = new(); // Held for no longer than a view takes to copy; never while a disk is waited for.
    private HistoryView _view = new([], [], []);
    private long _events;
    private long _bytes;
    private long _droppedBytes; // Memory of the dropped indexes.

    public HistoryView View => Volatile.Read(ref _view);

    public EndedTopics Ended { get; } = new(limits.EndedTopics, later, metrics.EndsForgotten);

    public (long Events, long Bytes) Size => (Volatile.Read(ref _events), Volatile.Read(ref _bytes));

    /// <summary>Distinct topics; see <see cref="TopicSketch"/>.</summary>
    public long TopicCount => TopicSketch.Count(View.Segments.Select(static segment => segment.Sketch()));

    /// <summary>Adds a segment that was stored, behind the last.</summary>
    public void Load(StoredSegment stored)
    {
        foreach (var damage in stored.Damage)
        {
            AddDamage(damage.From, damage.To);
        }

        foreach (var end in stored.Ends)
        {
            Ended.Add(end.Topic, end.Offset);
        }

        ISegment segment = stored.Sealed is { } known ? known : Segment.Load(stored, limits);
        lock (_changing)
        {
            (_view.Segments.LastOrDefault() as Segment)?.Seal();
            SetViewLocked(_view with { Segments = [.. _view.Segments, segment] });
            CountLocked(segment.Count, segment.Length);
        }

        if (segment is Segment loaded)
        {
            AddEnds(loaded, 0);
        }
    }

    /// <summary>Notes a stretch of offsets that are lost.</summary>
    public void AddDamage(long from, long to)
    {
        lock (_changing)
        {
            SetViewLocked(_view.WithDamage(from, to));
        }
    }

    /// <summary>Adds a new segment to write to. The one before is sealed, or given up if it is empty.</summary>
    public void Roll(ISegmentFile file, long after)
    {
        lock (_changing)
        {
            var (kept, previous) = (_view.Segments, _view.Segments.LastOrDefault() as Segment);
            previous?.Seal(compact: store is null);
            if (previous is { Count: 0, IsCleaned: false })
            {
                Later(() => previous.File.Delete());
                kept = kept[..^1];
            }

            SetViewLocked(_view with { Segments = [.. kept, new Segment(after, file, limits, previous)] });
        }
    }

    /// <summary>What is kept after an offset, oldest first, from memory: nothing of it is synced, and so nothing of it is sealed. The writer's.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> After(long offset) =>
        _view.Segments.OfType<Segment>().Select(segment => segment.RecordsAfter(offset)).Where(static records => !records.IsEmpty);

    /// <summary>Puts segments in the place of everything after an offset, with the same records, and returns those that they replace whole.</summary>
    public List<Segment> Replace(long offset, IReadOnlyList<Segment> fresh)
    {
        var (kept, replaced) = (new List<ISegment>(), new List<Segment>());
        lock (_changing)
        {
            foreach (var segment in _view.Segments)
            {
                if (segment is Segment gone && (gone.After >= offset || gone is { Count: 0, IsCleaned: false }))
                {
                    gone.Seal(compact: false);
                    replaced.Add(gone);
                }
                else if (segment is Segment cut && cut.LastOffset > offset)
                {
                    kept.Add(cut.CutBehind(offset));
                }
                else
                {
                    (segment as Segment)?.Seal(compact: false);
                    kept.Add(segment);
                }
            }

            SetViewLocked(_view with { Segments = [.. kept, .. fresh] });
        }

        return replaced;
    }

    /// <summary>Appends whole records to the active segment; says how many they were.</summary>
    public int Append(ReadOnlySpan<byte> records)
    {
        var active = _view.Active;
        var (count, length, endings) = (active.Count, active.Length, active.Endings.Count);
        active.Append(records);
        AddEnds(active, endings);
        lock (_changing)
        {
            CountLocked(active.Count - count, active.Length - length);
        }

        return active.Count - count;
    }

    /// <summary>The oldest segment in memory that is written to the end and synced up to an offset, but not sealed in the store yet; null if there is none.</summary>
    public Segment? FindToSeal(long synced)
    {
        var segments = View.Segments;
        for (var i = 0; i < segments.Length - 1; i++)
        {
            if (segments[i] is Segment { IsSealed: true } segment && segment.LastOffset <= synced && (segment.Count > 0 || segment.IsCleaned))
            {
                return segment;
            }
        }

        return null;
    }

    /// <summary>Puts a segment in the place of another with the same records, or what is left of them. False: that one is not there any more.</summary>
    public bool TryReplace(ISegment old, ISegment fresh)
    {
        lock (_changing)
        {
            var place = Array.IndexOf(_view.Segments, old);
            if (place < 0)
            {
                return false;
            }

            CountLocked(fresh.Count - old.Count, fresh.Length - old.Length);
            SetViewLocked(_view with { Segments = [.. _view.Segments[..place], fresh, .. _view.Segments[(place + 1)..]] });
            return true;
        }
    }

    /// <summary>Drops the oldest segments that a bound does not leave room for; the active one stays.</summary>
    public void Trim(long now)
    {
        while (_view.Segments.Length > 1)
        {
            var oldest = _view.Segments[0];
            var reason = Size.Bytes > limits.MaxBytes ? "bytes" : Size.Events > limits.MaxEvents ? "events" : oldest.Count == 0 || IsTooOld(oldest, now) ? "age" : null;
            if (reason is null)
            {
                return;
            }

            metrics.Dropped(oldest.Count, reason);
            DropOldest(oldest);
        }
    }

    /// <summary>Whether only the active segment is left, and that is too old.</summary>
    public bool IsLastTooOld(long now) => _view.Segments.Length == 1 && IsTooOld(_view.Active, now);

    private bool IsTooOld(ISegment segment, long now) => segment.Count > 0 && segment.MaxTime < now - limits.MaxMilliseconds;

    private void SetViewLocked(HistoryView view) => Volatile.Write(ref _view, view);

    private void CountLocked(long events, long bytes)
    {
        Volatile.Write(ref _events, _events + events);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    private void AddEnds(Segment segment, int from)
    {
        for (var i = from; i < segment.Endings.Count; i++)
        {
            var record = new EventRecord(segment.RecordAt(segment.Endings[i]));
            Ended.Add(record.Topic, record.Offset);
        }
    }

    private void Later(Action chore)
    {
        if (later is null)
        {
            chore();
        }
        else
        {
            later(chore);
        }
    }
}
