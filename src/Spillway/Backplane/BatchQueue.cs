namespace Spillway.Backplane;

/// <summary>Batches on their way from many publishers to the one orderer, bounded in bytes.</summary>
/// <param name="limits">How many bytes (<see cref="LimitOptions.IngressQueueBytes"/>), as it is when a batch comes.</param>
internal sealed class BatchQueue(LimitOptions limits)
{
    /// <summary>A round's bounds: more in one write gains nothing, and the first publisher of a round waits for the last.</summary>
    public const int RoundEvents = 4_096;
    public const int RoundBytes = 1024 * 1024;

    private readonly object _gate = new();
    private readonly Queue<PendingBatch> _batches = new();
    private long _bytes;
    private bool _waiting;
    private bool _closed;

    /// <summary>Bytes of the batches that are not answered yet.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Takes a batch in, or says why not. An empty queue takes any batch, however large.</summary>
    public PublishStatus TryAdd(PendingBatch batch)
    {
        var bytes = batch.QueuedBytes;
        lock (_gate)
        {
            if (_closed)
            {
                return PublishStatus.ShuttingDown;
            }

            if (_bytes > 0 && _bytes + bytes > limits.IngressQueueBytes)
            {
                return PublishStatus.Overloaded;
            }

            _bytes += bytes;
            batch.Queue = this;
            _batches.Enqueue(batch);
            if (_waiting)
            {
                _waiting = false;
                Monitor.Pulse(_gate);
            }

            return PublishStatus.Committed;
        }
    }

    /// <summary>Waits for batches and moves all that are there, up to a round's bounds, to <paramref name="round"/>. False: closed, and nothing is left.</summary>
    public bool Take(List<PendingBatch> round)
    {
        lock (_gate)
        {
            while (_batches.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }

                _waiting = true;
                Monitor.Wait(_gate);
            }

            var events = 0;
            var bytes = 0L;
            do
            {
                var batch = _batches.Dequeue();
                round.Add(batch);
                events += batch.Batch.Count;
                bytes += batch.QueuedBytes;
            }
            while (_batches.TryPeek(out var next) && events + next.Batch.Count <= RoundEvents && bytes + next.QueuedBytes <= RoundBytes);

            return true;
        }
    }

    /// <summary>Gives the room of an answered batch back.</summary>
    public void Release(long bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
        }
    }

    /// <summary>Takes nothing in any more; what is in it can still be taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}
