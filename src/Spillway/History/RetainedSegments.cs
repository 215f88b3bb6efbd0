using System.Runtime.InteropServices;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>The segments that are kept, with all that is derived from which they are: sizes, topics, ends. One thread changes it; any thread reads its properties.</summary>
internal sealed class RetainedSegments(HistoryLimits limits, HistoryMetrics metrics)
{
    /// <summary>With fewer segments than this, indexes are kept as for this many: a hub that was quiet for a day knows what it dropped.</summary>
    private const int FewSegments = 16;

    private readonly Dictionary<ulong, int> _topics = []; // Segments that hold a topic, by its hash: two of a million topics meet once in 10^7 hubs.
    private HistoryView _view = new([], [], []);
    private long _events;
    private long _bytes;
    private long _droppedBytes;
    private long _topicCount;

    public HistoryView View => Volatile.Read(ref _view);

    public EndedTopics Ended { get; } = new();

    public (long Events, long Bytes) Size => (Volatile.Read(ref _events), Volatile.Read(ref _bytes));

    public long TopicCount => Volatile.Read(ref _topicCount);

    /// <summary>Adds a segment that was stored, behind the last.</summary>
    public void Load(StoredSegment stored)
    {
        if (_view.Segments.Length > 0)
        {
            _view.Active.Seal();
        }

        foreach (var damage in stored.Damage)
        {
            AddDamage(damage.From, damage.To);
        }

        var segment = Segment.Load(stored, limits);
        Volatile.Write(ref _view, _view with { Segments = [.. _view.Segments, segment] });
        Account(segment, 0, 0, 0);
    }

    /// <summary>Notes a stretch of offsets that are lost.</summary>
    public void AddDamage(long from, long to) =>
        Volatile.Write(ref _view, _view with { Damage = [.. _view.Damage, new HistoryGap(from, to, null, Corrupt: true)] });

    /// <summary>Adds a new segment to write to. The one before is sealed, or given up if it is empty.</summary>
    public void Roll(ISegmentFile file, long after)
    {
        var view = _view;
        var (kept, previous) = (view.Segments, view.Segments.LastOrDefault());
        if (previous is not null)
        {
            previous.Seal();
            if (previous.Index.Count == 0)
            {
                previous.File.Delete();
                kept = kept[..^1];
            }
        }

        Volatile.Write(ref _view, view with { Segments = [.. kept, new Segment(after, file, limits, previous)] });
    }

    /// <summary>What is kept after an offset, oldest first, from memory. The writer's.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> After(long offset) =>
        _view.Segments.Select(segment => segment.After(offset)).Where(static records => !records.IsEmpty);

    /// <summary>Puts segments in the place of everything after an offset, with the same records, and returns those that they replace whole.</summary>
    public List<Segment> Replace(long offset, IReadOnlyList<Segment> fresh)
    {
        var (kept, replaced) = (new List<Segment>(), new List<Segment>());
        foreach (var segment in _view.Segments)
        {
            if (segment.Index.After >= offset || segment.Index.Count == 0)
            {
                replaced.Add(segment);
                segment.Seal();
            }
            else if (segment.Index.LastOffset > offset)
            {
                kept.Add(segment.CutBehind(offset));
                CountTopics(kept[^1], 1);
                CountTopics(segment, -1);
            }
            else
            {
                segment.Seal();
                kept.Add(segment);
            }
        }

        foreach (var segment in fresh)
        {
            CountTopics(segment, 1);
        }

        replaced.ForEach(segment => CountTopics(segment, -1));
        Volatile.Write(ref _view, _view with { Segments = [.. kept, .. fresh] });
        return replaced;
    }

    /// <summary>Appends whole records to the active segment; says how many they were.</summary>
    public int Append(ReadOnlySpan<byte> records)
    {
        var active = _view.Active;
        var (count, topics, endings) = (active.Index.Count, active.Index.Topics.Count, active.Endings.Count);
        active.Append(records);
        Account(active, count, topics, endings);
        return active.Index.Count - count;
    }

    /// <summary>Drops the oldest segments that a bound does not leave room for; the active one stays.</summary>
    public void Trim(long now)
    {
        while (_view.Segments.Length > 1)
        {
            var oldest = _view.Segments[0];
            var reason = _bytes > limits.MaxBytes ? "bytes" : _events > limits.MaxEvents ? "events" : IsTooOld(oldest, now) ? "age" : null;
            if (reason is null)
            {
                return;
            }

            DropOldest(reason);
        }
    }

    /// <summary>Whether only the active segment is left, and that is too old.</summary>
    public bool IsLastTooOld(long now) => _view.Segments.Length == 1 && IsTooOld(_view.Active, now);

    private bool IsTooOld(Segment segment, long now) => segment.Index.Count > 0 && segment.Index.MaxTime < now - limits.MaxMilliseconds;

    /// <summary>Counts what is new in a segment.</summary>
    private void Account(Segment segment, int fromRecord, int fromTopic, int fromEnding)
    {
        var index = segment.Index;
        for (var number = fromTopic; number < index.Topics.Count; number++)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_topics, index.Topics[number].Hash, out _)++;
        }

        for (var i = fromEnding; i < segment.Endings.Count; i++)
        {
            var record = new EventRecord(segment.RecordAt(segment.Endings[i]));
            Ended.Add(record.Topic, record.Offset);
        }

        Volatile.Write(ref _topicCount, _topics.Count);
        Volatile.Write(ref _events, _events + index.Count - fromRecord);
        Volatile.Write(ref _bytes, _bytes + segment.Length - (fromRecord == 0 ? 0 : segment.EndOf(fromRecord - 1)));
    }

    private void DropOldest(string reason)
    {
        var view = _view;
        var oldest = view.Segments[0];
        metrics.Dropped(oldest.Index.Count, reason);
        _droppedBytes += oldest.Index.Bytes;
        var next = view with { Segments = view.Segments[1..], Dropped = [.. view.Dropped, oldest.Index] };
        Volatile.Write(ref _view, ForgetIndexes(next));
        Discount(oldest);
        oldest.File.Delete();
    }

    private HistoryView ForgetIndexes(HistoryView view)
    {
        var most = limits.IndexRetention * (long)Math.Max(view.Segments.Length, FewSegments);
        var first = 0;
        while (view.Dropped.Length - first > most || (_droppedBytes > limits.IndexBytes && first < view.Dropped.Length))
        {
            _droppedBytes -= view.Dropped[first].Bytes;
            metrics.Forgotten();
            first++;
        }

        if (first == 0)
        {
            return view;
        }

        var forgotten = view with { Dropped = view.Dropped[first..] };
        return forgotten with { Damage = Array.FindAll(forgotten.Damage, damage => damage.To > forgotten.IndexedAfter) };
    }

    private void CountTopics(Segment segment, int change)
    {
        var topics = segment.Index.Topics;
        for (var number = 0; number < topics.Count; number++)
        {
            ref var segments = ref CollectionsMarshal.GetValueRefOrAddDefault(_topics, topics[number].Hash, out _);
            segments += change;
            if (segments == 0)
            {
                _topics.Remove(topics[number].Hash);
            }
        }
    }

    private void Discount(Segment segment)
    {
        CountTopics(segment, -1);
        foreach (var ordinal in segment.Endings)
        {
            var record = new EventRecord(segment.RecordAt(ordinal));
            Ended.Remove(record.Topic, record.Offset);
        }

        Volatile.Write(ref _topicCount, _topics.Count);
        Volatile.Write(ref _events, _events - segment.Index.Count);
        Volatile.Write(ref _bytes, _bytes - segment.Length);
    }
}
