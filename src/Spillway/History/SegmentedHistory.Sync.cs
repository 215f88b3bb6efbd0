using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.History;

/// <summary>How what was written becomes durable, and where it goes if its file fails.</summary>
internal sealed partial class SegmentedHistory
{
    private static readonly TimeSpan RepairAgainAfter = TimeSpan.FromSeconds(1);

    private readonly List<Segment> _unsynced = []; // Those with records above _synced, oldest first.
    private long _synced;
    private bool _namesChanged = true; // Files were made since their names were synced; at the start, the store may have put some aside.
    private bool _broken; // A file has failed: it is never written nor synced again.
    private Exception? _repairFault;
    private long _repairFailedAt;

    public long Synced => IsDurable ? Volatile.Read(ref _synced) : Head;

    public void Sync()
    {
        Segment[] unsynced;
        long target;
        bool names;
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            RepairLocked();
            (unsynced, target, names) = ([.. _unsynced], _head, _namesChanged);
            _namesChanged = false;
        }

        try
        {
            foreach (var segment in unsynced)
            {
                segment.File.Sync();
            }

            if (names)
            {
                _store.SyncNames();
            }
        }
        catch (IOException)
        {
            lock (_writing)
            {
                (_broken, _namesChanged) = (true, true);
                RepairLocked(); // What it needs is in memory: who waits need not be told of a failure.
                return;
            }
        }

        lock (_writing)
        {
            SyncedLocked(target);
        }

        _keeper?.Wake();
    }

    private void AppendLocked(ReadOnlySpan<byte> records)
    {
        try
        {
            var added = _retained.Append(records);
            _metrics.Appended(added);
        }
        catch (IOException)
        {
            _broken = true;
            throw;
        }

        var active = _retained.View.Active;
        Volatile.Write(ref _head, active.Index.LastOffset);
        if (IsDurable && (_unsynced.Count == 0 || _unsynced[^1] != active))
        {
            _unsynced.Add(active);
        }
    }

    private void SyncedLocked(long target)
    {
        if (target > _synced)
        {
            Volatile.Write(ref _synced, target);
        }

        var done = _unsynced.RemoveAll(segment => segment.Index.LastOffset <= _synced && segment.IsSealed);
        _unsynced.RemoveAll(segment => segment.Index.LastOffset <= _synced);
        if (done > 0)
        {
            _keeper?.Ask();
        }

        if (_sealed is { HasToDelete: true })
        {
            _keeper?.Add(_sealed.DeleteWaiting);
        }
    }

    private void TryRepairLocked()
    {
        try
        {
            RepairLocked();
        }
        catch (IOException)
        {
            // Logged; the next publisher is told.
        }
    }

    /// <summary>If a file has failed: writes what is not synced to a new one and syncs that, before anything else happens.</summary>
    private void RepairLocked()
    {
        if (!_broken)
        {
            return;
        }

        if (_repairFault is not null && _clock.GetElapsedTime(_repairFailedAt) < RepairAgainAfter)
        {
            throw new IOException(_repairFault.Message, _repairFault) { HResult = _repairFault.HResult };
        }

        try
        {
            MoveUnsyncedLocked();
            (_broken, _repairFault) = (false, null);
        }
        catch (IOException fault)
        {
            Log.RepairFailed(_logger, fault, RepairAgainAfter);
            (_repairFault, _repairFailedAt) = (fault, _clock.GetTimestamp());
            throw;
        }
    }

    private void MoveUnsyncedLocked()
    {
        var fresh = new List<Segment>();
        var from = Math.Max(_synced, _retained.View.Tail); // Retention may have been faster than the syncer.
        try
        {
            WriteAgain(fresh, from);
            fresh.ForEach(static segment => segment.File.Sync());
            for (var i = fresh.Count - 1; i >= 0; i--)
            {
                fresh[i].File.Show(); // The last one first: it takes the place of all that follows its beginning, and what it does not hold is there still.
            }

            _store.SyncNames();
        }
        catch (IOException)
        {
            _ = fresh.TrueForAll(static segment => segment.File.Delete()); // The first one first, as far as it goes: those that stay are all that follows a beginning.
            throw;
        }

        // What is dead in the failed files is never read: segments that were made later begin before it.
        foreach (var replaced in _retained.Replace(from, fresh))
        {
            if (!replaced.File.Delete() && replaced.File is SegmentFile file)
            {
                _sealed?.DeleteInOrder(file.Name, 0); // Before retention takes those that stand for it.
            }
        }

        _store.SyncNames();
        _unsynced.Clear();
        SyncedLocked(_head);
        Log.Repaired(_logger, from, fresh.Sum(static segment => (long)segment.Index.Count));
    }

    private void WriteAgain(List<Segment> fresh, long from)
    {
        var view = _retained.View;
        var last = from;
        foreach (var records in _retained.After(from))
        {
            for (var rest = records; !rest.IsEmpty;)
            {
                // Behind what is lost another segment begins: so the next start knows of it still.
                var before = last;
                while (view.DamageAfter(last) is { } lost && lost.To < EventRecord.OffsetOf(rest.Span))
                {
                    last = lost.To;
                }

                var part = last > before || fresh.Count == 0 ? 0 : fresh[^1].Measure(rest.Span[..LengthBeforeDamage(view, rest.Span)]);
                if (part == 0)
                {
                    Begin(fresh, last);
                    continue;
                }

                fresh[^1].Append(rest.Span[..part]);
                last = fresh[^1].LastOffset;
                rest = rest[part..];
            }
        }

        if (fresh.Count == 0)
        {
            Begin(fresh, from);
        }
    }

    private void Begin(List<Segment> fresh, long after)
    {
        fresh.LastOrDefault()?.Seal();
        fresh.Add(new Segment(after, _store.Create(after, _synced, isHidden: true), _limits));
    }

    /// <summary>The bytes of the records that lie before the next stretch that is lost.</summary>
    private static int LengthBeforeDamage(HistoryView view, ReadOnlySpan<byte> records)
    {
        if (view.DamageAfter(EventRecord.OffsetOf(records)) is not { } damage)
        {
            return records.Length;
        }

        var length = EventRecord.LengthAt(records);
        while (length < records.Length && EventRecord.OffsetOf(records[length..]) <= damage.From)
        {
            length += EventRecord.LengthAt(records[length..]);
        }

        return length;
    }

    private bool TrySyncLast()
    {
        try
        {
            RepairLocked();
            _unsynced.ForEach(static segment => segment.File.Sync());
            _retained.View.Active.File.Sync(); // It may be empty: with it the next start knows how far history was, whatever is deleted.
            _store.SyncNames();
            SyncedLocked(_head);
            return true;
        }
        catch (IOException fault)
        {
            Log.NotSynced(_logger, fault);
            return false;
        }
    }
}
