using Spillway.Events;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>Orders events and hands them, in order, to every node's hub.</summary>
internal interface IBackplane : IAsyncDisposable
{
    IHistory History { get; }

    /// <summary>
    /// Whether a batch could not be committed within the last half minute, and none has been since. It ends by itself: a hub to which nobody sends publishers because it
    /// failed would never find out that it could go on.
    /// </summary>
    bool IsFailing { get; }

    /// <summary>Completes, never with a fault, once <see cref="FindNamed"/> finds the ids of before the start, as far as it ever will. A hub may be ready before that.</summary>
    Task Restored => Task.CompletedTask;

    /// <summary>Commits the events of a batch, all or none, and says where they are. Never throws for what a publisher can cause.</summary>
    ValueTask<PublishOutcome> PublishAsync(EventBatch batch, CancellationToken cancellationToken);

    /// <summary>
    /// Where the recorded events are to which publishers gave this name, the earliest first: those whose ids are still remembered (<see cref="DedupOptions"/>). One that is only being written may be among them. Any thread.
    /// </summary>
    /// <param name="space">Where it is a name: see <see cref="ScopedId"/>.</param>
    /// <param name="name">The id, as publishers gave it.</param>
    /// <param name="most">So many of the earliest, at most.</param>
    Position[] FindNamed(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name, int most);

    /// <summary>Begins to order events and to hand them to <paramref name="sink"/>, on one thread.</summary>
    void Start(IEventSink sink);

    /// <summary>Refuses new batches, finishes those accepted, and stops.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
