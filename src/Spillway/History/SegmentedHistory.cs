using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>
/// The log in segments: one is written, the others only read; the oldest go when a bound is passed. Appending takes a lock that no reader takes; readers take what
/// <see cref="HistoryView"/> shows, and never wait.
/// </summary>
internal sealed partial class SegmentedHistory : IHistory
{
    private readonly Lock _writing = new();
    private readonly ISegmentStore _store;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HistoryMetrics _metrics;
    private readonly HistoryLimits _limits;
    private readonly RetainedSegments _retained;
    private long _head;
    private long _next;
    private bool _disposed;

    /// <summary>Loads what is stored and begins to write behind it. Takes the store and the metrics over, unless it throws.</summary>
    public SegmentedHistory(HistoryLimits limits, ISegmentStore store, TimeProvider clock, ILogger logger, HistoryMetrics metrics)
    {
        (_limits, _store, _clock, _logger, _metrics) = (limits, store, clock, logger, metrics);
        _retained = new RetainedSegments(limits, metrics);
        var canAppend = false;
        foreach (var stored in store.Load())
        {
            canAppend = stored.CanAppend;
            _retained.Load(stored);
            _retained.Trim(Now);
        }

        Start(canAppend);
        _metrics.Observe(this);
        Log.Opened(logger, new Position(Epoch, Head).ToString(), Size.Events, Size.Bytes, SegmentCount);
    }

    public ulong Epoch => _store.Epoch;

    public long Head => Volatile.Read(ref _head);

    public long Tail => _retained.View.Tail;

    public long NextOffset => Volatile.Read(ref _next);

    public (long Events, long Bytes) Size => _retained.Size;

    public long TopicCount => _retained.TopicCount;

    public bool IsDurable => _store.IsDurable;

    public int SegmentCount => _retained.View.Segments.Length;

    /// <summary>Memory of all indexes, those of dropped segments included.</summary>
    public long IndexBytes => _retained.View.Segments.Sum(static segment => segment.IndexBytes) + _retained.View.Dropped.Sum(static index => index.Bytes);

    public TimeSpan OldestAge => _retained.View.Segments[0].Index is { Count: > 0 } oldest ? TimeSpan.FromMilliseconds(Math.Max(0, Now - oldest.MinTime)) : TimeSpan.Zero;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <remarks>A batch that does not fit into the segment begins a new one: it is never divided.</remarks>
    public void Append(ReadOnlySpan<byte> records)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (records.IsEmpty)
            {
                return;
            }

            var last = Check(records);
            RepairLocked();
            _store.Reserve(last);
            Volatile.Write(ref _next, last + 1); // Also if storing fails: parts may be on disk, and no offset is used twice.
            while (!records.IsEmpty)
            {
                var part = TakePartLocked(records);
                AppendLocked(records[..part]);
                records = records[part..];
            }

            TrimLocked(Now);
        }
    }

    public void Trim(long now)
    {
        lock (_writing)
        {
            if (!_disposed)
            {
                TryRepairLocked();
                TrimLocked(now);
            }
        }
    }

    public HistoryPage Read(SelectorSet selectors, long after, long upTo, int maxBytes)
    {
        _metrics.PageRead();
        var limit = Math.Min(upTo, Head); // Read before the view: all up to it is there.
        return after >= limit ? new HistoryPage(after, after, default, null) : new PageReader(_retained.View, selectors).Read(after, limit, maxBytes);
    }

    public long FindSince(long time)
    {
        var limit = Head;
        var view = _retained.View;
        for (var i = view.Segments.Length - 1; i >= 0; i--)
        {
            var segment = view.Segments[i];
            if (segment.Index.MinTime >= time)
            {
                continue;
            }

            for (var ordinal = segment.Index.FirstAfter(limit, segment.Index.Count) - 1; ordinal >= 0; ordinal--)
            {
                if (EventRecord.TimeOf(segment.RecordAt(ordinal)) < time)
                {
                    return segment.Index.OffsetAt(ordinal);
                }
            }
        }

        return view.Tail;
    }

    public long FindLast(SelectorSet selectors, int count)
    {
        var limit = Head;
        return count <= 0 ? limit : new PageReader(_retained.View, selectors).FindLast(count, limit);
    }

    public bool HasAny(SelectorSet selectors, long after) => after < Head && new PageReader(_retained.View, selectors).HasAny(after);

    public HistoryPage Snapshot(SelectorSet selectors, long upTo, int maxKeys, int maxBytes)
    {
        var limit = Math.Min(upTo, Head);
        return SnapshotReader.Read(_retained.View, selectors, limit, maxKeys, maxBytes);
    }

    public bool IsEnded(ReadOnlySpan<byte> topic) => _retained.Ended.Contains(topic);

    public IReadOnlyList<TopicSummary> ListTopics(string prefix, string? after, int limit) =>
        TopicLister.List(_retained.View, _retained.Ended, prefix, after, limit);

    public void Dispose()
    {
        lock (_writing)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _retained.View.Active.File.Seal();
            if (TrySyncLast())
            {
                _store.End(NextOffset);
            }

            _store.Dispose();
            _metrics.Dispose();
        }
    }

    private void Start(bool canAppend)
    {
        var head = _retained.View is { Segments.Length: > 0 } view ? view.Active.Index.LastOffset : 0;
        var start = _store.Begin(head);
        (_head, _next, _synced) = (head, start.NextOffset, start.Synced);
        if (_synced < head)
        {
            _broken = true; // As after a failed sync, which may have been what came before the crash.
            TryRepairLocked();
            canAppend = true;
        }

        if (start.LostTail)
        {
            _retained.AddDamage(head, start.NextOffset - 1);
            _head = start.NextOffset - 1; // As if they were there: the next segment says that it comes after them, and so the gap stays known.
            _synced = _broken ? _synced : _head;
            canAppend = false;
        }

        if (!canAppend)
        {
            BeginSegment();
        }

        TrimLocked(Now);
    }

    private void BeginSegment()
    {
        try
        {
            _retained.Roll(_store.Create(_head, _synced), _head);
        }
        catch (IOException fault) when (_retained.View.Segments.Length > 0)
        {
            Log.NotBegun(_logger, fault); // Who only reads need not wait for room.
            _broken = true;
        }
    }

    /// <summary>Checks that records are whole and in order, and returns the last offset.</summary>
    private long Check(ReadOnlySpan<byte> records)
    {
        var last = NextOffset - 1;
        while (!records.IsEmpty)
        {
            if (records.Length < EventRecord.HeaderLength || EventRecord.LengthAt(records) is var length && (length < EventRecord.HeaderLength || length > records.Length))
            {
                throw new ArgumentException("The bytes do not end with a whole record.", nameof(records));
            }

            var offset = EventRecord.OffsetOf(records);
            if (offset <= last)
            {
                throw new ArgumentException($"Offset {offset} was used before; the next one is {last + 1}.", nameof(records));
            }

            last = offset;
            records = records[length..];
        }

        return last;
    }

    /// <summary>Says how many bytes of the records go to the active segment, after beginning a new one where needed.</summary>
    private int TakePartLocked(ReadOnlySpan<byte> records)
    {
        var active = _retained.View.Active;
        var fitting = active.IsSealed ? 0 : active.Measure(records);
        if (fitting > 0)
        {
            return fitting;
        }

        if (active.Index.Count > 0 || active.IsSealed)
        {
            RollLocked();
        }

        return _retained.View.Active.Measure(records);
    }

    private void RollLocked()
    {
        _retained.View.Active.Seal(); // Also if making the next one fails: what is left of that begins here, and would hide what came to this one still.
        _retained.Roll(_store.Create(Head, Synced), Head);
        _namesChanged = true;
    }

    private void TrimLocked(long now)
    {
        _retained.Trim(now);
        if (!_retained.IsLastTooOld(now))
        {
            return;
        }

        try
        {
            RollLocked();
        }
        catch (IOException fault)
        {
            Log.TrimFailed(_logger, fault); // What was appended stays appended.
            return;
        }

        _retained.Trim(now);
    }
}
