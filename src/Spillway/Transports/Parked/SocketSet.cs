namespace Spillway.Transports.Parked;

/// <summary>
/// The sockets that one thread watches, and how others wake it. <see cref="Wait"/> is for that thread; adding, removing and <see cref="Wake"/> are for all.
/// </summary>
internal abstract class SocketSet : IDisposable
{
    /// <summary>Watches a socket. What is ready already is told, too. 0, or the negated reason: no memory, or the user's limit of watches.</summary>
    /// <param name="socket">It.</param>
    /// <param name="data">Comes back with its events; not <see cref="ulong.MaxValue"/>.</param>
    /// <param name="events">Which.</param>
    public abstract int Add(int socket, ulong data, SocketEvents events);

    /// <summary>Ends watching. Events that a wait has brought already are still with its caller.</summary>
    public abstract int Remove(int socket);

    /// <summary>
    /// Sleeps until something is ready, somebody wakes it, or the time is over (negative: never). Returns how many events it wrote; a wake-up is none of them. Whoever looks at a queue looks
    /// after this has returned: what was queued before a <see cref="Wake"/> is then seen, or the next wait does not sleep.
    /// </summary>
    public abstract int Wait(Span<ReadyEvent> ready, int milliseconds);

    /// <summary>Ends the wait that is under way, or else the next one at once.</summary>
    public abstract void Wake();

    /// <summary>Makes something that takes a descriptor, to be closed by the caller, for the number alone. False where none can be had.</summary>
    public abstract bool TryProbe(out int socket);

    /// <summary>Only when no thread waits, adds or removes any more. A wake-up may still come, and does nothing.</summary>
    public abstract void Dispose();
}
