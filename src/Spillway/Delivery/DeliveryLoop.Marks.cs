namespace Spillway.Delivery;

/// <summary>What the dispatcher marked.</summary>
internal sealed partial class DeliveryLoop
{
    /// <summary>Strands with at most this many subscribers here are visited directly; broader ones are swept.</summary>
    private const int DirectLimit = 64;

    private void TakeMarks()
    {
        if (_dirty.TakeOverflow())
        {
            MarkAll();
        }

        while (_dirty.TryTake(out var strand, out var lane))
        {
            if (lane == Lane.Batched)
            {
                _batchedStrands.Add(strand);
                continue;
            }

            var critical = lane == Lane.Critical;
            var subscribers = _feeds.Subscribers(strand);
            if (IsBroad(subscribers))
            {
                (critical ? _critical : _normal).Add(strand);
                continue;
            }

            // The bit first, then the heads (in the visit): an event that comes between is marked again.
            (critical ? _clearPendingCritical : _clearPending)(strand);
            foreach (var entry in _feeds.Subscribers(strand))
            {
                if (!FeedTable.IsFeed(entry, out var feed))
                {
                    Bring(entry, critical);
                    continue;
                }

                foreach (var connection in _feeds[feed].Members.Items)
                {
                    Bring(connection, critical);
                }
            }
        }
    }

    /// <summary>Whether a strand's subscribers are too many to be visited directly.</summary>
    private bool IsBroad(ReadOnlySpan<int> subscribers)
    {
        if (subscribers.Length > DirectLimit)
        {
            return true;
        }

        var sum = 0;
        foreach (var entry in subscribers)
        {
            sum += FeedTable.IsFeed(entry, out var feed) ? _feeds[feed].Members.Count : 1;
        }

        return sum > DirectLimit;
    }

    /// <summary>Marks were lost: every strand's bit is cleared by its mark or by nobody, so clear and visit all.</summary>
    private void MarkAll()
    {
        while (_dirty.TryTake(out var strand, out _))
        {
            _clearPending(strand); // Visited with all the others: left in, its bit cleared below, it could come again without bound.
            _clearPendingCritical(strand);
            _context.Strands.Batched.Take(Index, strand);
        }

        _batchedStrands.Clear();
        _critical.Forget(_clearPendingCritical);
        _normal.Forget(_clearPending);
        for (var connection = 0; connection < _connections.End; connection++)
        {
            if (_connections[connection].State == ConnectionState.Free)
            {
                continue;
            }

            foreach (var strand in _feeds[_connections[connection].Feed].StrandSpan)
            {
                _clearPending(strand);
                _clearPendingCritical(strand);
                _context.Strands.Batched.Take(Index, strand);
            }

            // One that would wait might have something critical.
            ((_connections[connection].Flags & ConnectionFlags.Batch) != 0 ? _critical : _normal).Set(connection);
        }
    }

    private void Bring(int connection, bool critical)
    {
        if (critical || (_connections[connection].Flags & ConnectionFlags.Batch) == 0 || !AwaitOwn(connection))
        {
            Queue(connection);
        }
    }

    private void Queue(int connection)
    {
        ref var hot = ref _connections[connection];
        if ((hot.Flags & (ConnectionFlags.Queued | ConnectionFlags.Behind)) == 0)
        {
            hot.Flags |= ConnectionFlags.Queued;
            _direct.Add(connection);
        }
    }
}
