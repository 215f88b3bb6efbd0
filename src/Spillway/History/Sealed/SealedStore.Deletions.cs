namespace Spillway.History.Sealed;

/// <summary>How files of segments go.</summary>
internal sealed partial class SealedStore
{
    private readonly Queue<(string Name, long LastOffset)> _toDelete = new(); // The oldest first; under itself.

    /// <summary>Up to which offset all outlives a power loss.</summary>
    public Func<long> Synced { get; set; } = static () => long.MaxValue;

    /// <summary>Whether <see cref="DeleteWaiting"/> has something to do, now or later.</summary>
    public bool HasToDelete
    {
        get
        {
            lock (_toDelete)
            {
                return _toDelete.Count > 0;
            }
        }
    }

    /// <summary>
    /// Deletes a segment's file once all that were given before are gone for good, and something behind it is synced. So after a power loss what retention had taken is there
    /// from some place on, or not at all, and what follows is there. With a hole in it the next start would tell damage, or find behind the end of a file that could not be
    /// synced what had been moved into a later one; and without what follows nobody would know that there ever was anything.
    /// </summary>
    public void DeleteInOrder(string name, long lastOffset)
    {
        lock (_toDelete)
        {
            _toDelete.Enqueue((name, lastOffset));
        }

        DeleteWaiting();
    }

    /// <summary>Deletes what may go now. What fails is tried again with the next one.</summary>
    public void DeleteWaiting()
    {
        lock (_toDelete)
        {
            while (_toDelete.TryPeek(out var first) && first.LastOffset < Synced())
            {
                try
                {
                    disk.Delete(first.Name);
                    disk.SyncDirectory();
                }
                catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
                {
                    Log.NotDeleted(logger, fault, first.Name);
                    return;
                }

                _toDelete.Dequeue();
            }
        }
    }
}
