using Spillway.Events;

namespace Spillway;

/// <summary>Publishes events from inside the process, with the same rules as over HTTP.</summary>
public interface IEventPublisher
{
    /// <summary>Publishes one event and returns once it is committed.</summary>
    /// <exception cref="PublishException">The event was refused; <see cref="PublishException.Status"/> says why, as over HTTP.</exception>
    ValueTask<PublishResult> PublishAsync(PushEvent source, CancellationToken cancellationToken = default);

    /// <summary>Publishes one event and returns once it is committed at a level, which may also be weaker than <see cref="HistoryOptions.WeakestCommit"/>.</summary>
    /// <exception cref="PublishException">The event was refused.</exception>
    ValueTask<PublishResult> PublishAsync(PushEvent source, CommitLevel commit, CancellationToken cancellationToken = default);

    /// <summary>Publishes events in their order, all or none, and returns once they are committed.</summary>
    /// <exception cref="PublishException">An event was refused, and with it all.</exception>
    ValueTask<PublishResult> PublishAsync(IReadOnlyList<PushEvent> events, CancellationToken cancellationToken = default);

    /// <summary>Publishes events in their order, all or none, and returns once they are committed at a level.</summary>
    /// <exception cref="PublishException">An event was refused, and with it all.</exception>
    ValueTask<PublishResult> PublishAsync(IReadOnlyList<PushEvent> events, CommitLevel commit, CancellationToken cancellationToken = default);

    /// <summary>Ends a topic: publishing to it is refused from then on, and connections whose topics have all ended are closed properly.</summary>
    ValueTask<PublishResult> EndAsync(string topic, CancellationToken cancellationToken = default);
}
