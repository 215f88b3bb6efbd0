namespace Spillway.Hub;

/// <summary>Wakes those in the process who wait for something to be published. Costs a publisher a fence and a read while nobody waits.</summary>
/// <remarks>
/// A waiter asks for <see cref="NextAsync"/> and then reads the head; a publisher raises the head and then looks for waiters. Both have a full fence in between, so
/// that one of the two sees the other.
/// </remarks>
internal sealed class PublishSignal
{
    private TaskCompletionSource? _next; // Null while nobody waits; one for all who do.
    private int _stopped;

    /// <summary>Whether the hub has stopped: nobody is woken any more. Read it after <see cref="NextAsync"/>.</summary>
    public bool IsStopped => Volatile.Read(ref _stopped) != 0;

    /// <summary>Completes with the next <see cref="Raise"/> or <see cref="Stop"/>.</summary>
    public Task NextAsync()
    {
        var next = Volatile.Read(ref _next);
        if (next is null)
        {
            var created = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // No reader runs on the publisher's thread.
            next = Interlocked.CompareExchange(ref _next, created, null) ?? created;
        }

        Interlocked.MemoryBarrier();
        return next.Task;
    }

    /// <summary>Something was published.</summary>
    public void Raise()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _next) is not null)
        {
            Interlocked.Exchange(ref _next, null)?.TrySetResult();
        }
    }

    public void Stop()
    {
        Volatile.Write(ref _stopped, 1);
        Raise();
    }
}
