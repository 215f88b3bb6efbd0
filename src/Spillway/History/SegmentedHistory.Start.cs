namespace Spillway.History;

/// <summary>What is there when it opens.</summary>
internal sealed partial class SegmentedHistory
{
    /// <summary>Loads what is stored; says whether the newest segment may be appended to. Of segments without a good sidecar one at a time is in memory.</summary>
    private bool LoadStored()
    {
        var (canAppend, isFirst) = (false, true);
        foreach (var stored in _store.Load(_sealed))
        {
            if (isFirst && _sealed is not null)
            {
                _retained.LoadDropped(_sealed.FindDropped(_store.Chain, stored.After));
            }

            (canAppend, isFirst) = (stored.CanAppend, false);
            _metrics.Recovered(stored);
            _retained.Load(stored);
            if (_limits.Rules is null)
            {
                _retained.Trim(Now);
            }

            _keeper?.Settle();
        }

        _retained.ForgetStrays();

        return canAppend;
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
}
