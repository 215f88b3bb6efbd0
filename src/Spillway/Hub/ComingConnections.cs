using System.Collections.Concurrent;

namespace Spillway.Hub;

/// <summary>Connections that no loop has yet: their subscribers may have read their ids already, and name them. Any thread. As many as subscriptions are being opened.</summary>
internal sealed class ComingConnections
{
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource?> _coming = new(); // The source is made for the first who waits: mostly nobody does.

    public int Count => _coming.Count;

    /// <summary>One comes.</summary>
    public void Add(ulong id) => _coming[id] = null;

    /// <summary>Its loop has it, or will never have it. Whatever the loop is asked from now on it is asked behind its adoption.</summary>
    public void Remove(ulong id)
    {
        if (_coming.TryRemove(id, out var awaited))
        {
            awaited?.SetResult();
        }
    }

    /// <summary>Completes once a connection is not on its way any more, or never was: in the time that its client has to take the opening.</summary>
    public Task WaitAsync(ulong id)
    {
        while (_coming.TryGetValue(id, out var awaited))
        {
            if (awaited is not null)
            {
                return awaited.Task;
            }

            _coming.TryUpdate(id, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        }

        return Task.CompletedTask;
    }
}
