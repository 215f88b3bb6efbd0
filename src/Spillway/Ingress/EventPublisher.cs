using Microsoft.Extensions.Options;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Publishes from inside the process, with the same rules as over HTTP.</summary>
internal sealed class EventPublisher(BatchCommitter committer, IngressMetrics metrics, RuleBook rules, IOptions<SpillwayOptions> options) : IEventPublisher
{
    private readonly LimitOptions _limits = options.Value.Limits;
    private readonly HistoryOptions _history = options.Value.History;

    public ValueTask<PublishResult> PublishAsync(PushEvent source, CancellationToken cancellationToken = default) =>
        PublishAsync(source, _history.Commit, cancellationToken);

    public ValueTask<PublishResult> PublishAsync(PushEvent source, CommitLevel commit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var writer = NewWriter();
        if (!writer.TryAdd(source, out var problem))
        {
            throw Refuse(problem, 1);
        }

        return CommitAsync(writer, commit, cancellationToken);
    }

    public ValueTask<PublishResult> PublishAsync(IReadOnlyList<PushEvent> events, CancellationToken cancellationToken = default) =>
        PublishAsync(events, _history.Commit, cancellationToken);

    public ValueTask<PublishResult> PublishAsync(IReadOnlyList<PushEvent> events, CommitLevel commit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        var writer = NewWriter();
        for (var i = 0; i < events.Count; i++)
        {
            if (!writer.TryAdd(events[i], out var problem))
            {
                throw Refuse(problem with { Index = i }, events.Count);
            }
        }

        return events.Count == 0 ? ValueTask.FromResult(new PublishResult(0, 0, "")) : CommitAsync(writer, commit, cancellationToken);
    }

    public ValueTask<PublishResult> EndAsync(string topic, CancellationToken cancellationToken = default)
    {
        var writer = NewWriter();
        if (!writer.TryAddEnd(topic, out var problem))
        {
            throw Refuse(problem, 1);
        }

        return CommitAsync(writer, _history.Commit, cancellationToken);
    }

    private EventBatchWriter NewWriter() => new(_limits, rules, EventFieldNames.Json, Publisher.Anyone);

    /// <summary>Cancellation before the commit publishes nothing; after it has begun it ends only the wait.</summary>
    private async ValueTask<PublishResult> CommitAsync(EventBatchWriter writer, CommitLevel commit, CancellationToken cancellationToken)
    {
        var committing = committer.CommitAsync(writer.ToBatch(commit), cancellationToken);
        var (outcome, problem) = await (cancellationToken.CanBeCanceled ? new(committing.AsTask().WaitAsync(cancellationToken)) : committing);
        return problem is null
            ? new PublishResult(outcome.Accepted, outcome.Duplicates, committer.Cursors.TextOf(outcome.Last))
            : throw Refuse(problem with { Index = writer.Count > 1 && outcome.Index >= 0 ? outcome.Index : null }, writer.Count);
    }

    private PublishException Refuse(Problem problem, int events)
    {
        metrics.Refused(problem, events);
        return new PublishException(problem.Status, problem.Name, problem.Index is { } index ? $"Event {index}: {problem.Detail}" : problem.Detail);
    }
}
