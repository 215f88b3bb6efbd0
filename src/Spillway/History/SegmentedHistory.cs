using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History.Sealed;
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
    private readonly SealedStore? _sealed; // Null: everything stays in memory.
    private readonly SegmentKeeper? _keeper;
    private long _head;
    private long _next;
    private bool _disposed;

    /// <summary>Loads what is stored and begins to write behind it. Takes the store and the metrics over, unless it throws.</summary>
    /// <param name="inBackground">False: sealing and deleting is done by who appends and syncs; for tests that must do the same each time.</param>
    public SegmentedHistory(HistoryLimits limits, ISegmentStore store, TimeProvider clock, ILogger logger, HistoryMetrics metrics, bool inBackground = true)
    {
        (_limits, _store, _clock, _logger, _metrics) = (limits, store, clock, logger, metrics);
        if (store.Disk is { } disk)
        {
            _sealed = new SealedStore(disk, limits, metrics, logger);
        }

        if (_sealed is not null || limits.Retention is not null)
        {
            _keeper = new SegmentKeeper(_sealed, logger, inBackground);
            _sealed?.Later = _keeper.Add;
        }

        _retained = new RetainedSegments(limits, metrics, _sealed, _keeper is null ? null : _keeper.Add);
        _sealed?.Replaced = ReplaceDamaged;
        _sealed?.Synced = () => Synced;
        if (_keeper is not null)
        {
            (_keeper.Retained, _keeper.Synced, _keeper.Now) = (_retained, () => store.Synced, () => Now);
        }

        var began = Stopwatch.GetTimestamp();
        Start(LoadStored());
        OpenDuration = Stopwatch.GetElapsedTime(began);
        if (_sealed is { HasToDelete: true })
        {
            _keeper!.Add(_sealed.DeleteWaiting);
        }

        _keeper?.Start(() => Synced, MakeCleaner());
        _metrics.Observe(this);
        Log.Opened(logger, new Position(Epoch, Head).ToString(), Size.Events, Size.Bytes, SegmentCount);
    }

    /// <summary>How long it took to open: to find, check and mend what is stored.</summary>
    public TimeSpan OpenDuration { get; }

    public ulong Epoch => _store.Chain.Epoch;

    public long Head => Volatile.Read(ref _head);

    public long Tail => _retained.View.Tail;

    public long NextOffset => Volatile.Read(ref _next);

    public (long Events, long Bytes) Size => _retained.Size;

    public long TopicCount => _retained.TopicCount;

    public bool IsDurable => _store.IsDurable;

    public int SegmentCount => _retained.View.Segments.Length;

    /// <summary>Memory of all indexes, those of dropped segments included.</summary>
    public long IndexBytes => _retained.View.Segments.Sum(static segment => segment.IndexMemory) + _retained.View.Dropped.Sum(static index => index.IndexMemory)
        + (_sealed?.Cache.Bytes ?? 0);

    /// <summary>Files of sealed segments open for reading.</summary>
    public int OpenFiles => _sealed?.OpenFiles ?? 0;

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
            _keeper?.Wake();
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
                RollTooOldLocked(now);
                _keeper?.Wake();
            }
        }
    }

    /// <summary>Returns when everything is sealed that can be, and deleted that should be.</summary>
    public void Settle() => _keeper?.Settle();

    public void Dispose()
    {
        _keeper?.Dispose();
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
                _sealed?.Synced = static () => long.MaxValue;
                _keeper?.Settle();
                _sealed?.DeleteWaiting();
                _store.End(NextOffset);
            }

            _sealed?.Dispose();
            _store.Dispose();
            _metrics.Dispose();
        }
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
        _keeper?.AskToClean();
    }

    private void TrimLocked(long now)
    {
        if (_limits.Rules is not null)
        {
            return; // The cleaner's.
        }

        _retained.Trim(now);
        if (_retained.IsLastTooOld(now) && TryRollLocked())
        {
            _retained.Trim(now);
        }
    }

    private bool TryRollLocked()
    {
        try
        {
            RollLocked();
            return true;
        }
        catch (IOException fault)
        {
            Log.TrimFailed(_logger, fault); // What was appended stays appended.
            return false;
        }
    }
}
