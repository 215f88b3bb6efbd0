using System.Text;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.Problems;

namespace Spillway.Ingress;

/// <summary>Hands batches to the backplane and says what its refusal means to a publisher.</summary>
internal sealed class BatchCommitter(IBackplane backplane, IngressMetrics metrics, CursorCodec? cursors = null)
{
    /// <summary>What makes text of positions for publishers.</summary>
    public CursorCodec Cursors { get; } = cursors ?? CursorCodec.Plain;

    /// <summary>Commits a batch, all or none. Refusals are counted by the caller, who knows whom they concern.</summary>
    public async ValueTask<(PublishOutcome Outcome, Problem? Problem)> CommitAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        var outcome = await backplane.PublishAsync(batch, cancellationToken);
        if (outcome.Status == PublishStatus.Committed)
        {
            metrics.Committed(outcome.Accepted, outcome.Duplicates);
            return (outcome, null);
        }

        return (outcome, Explain(batch, outcome));
    }

    /// <summary>Whether the batch's events are at fault, and not the hub.</summary>
    public static bool IsFaultOfEvent(PublishStatus status) => status is PublishStatus.TopicEnded or PublishStatus.IdReused;

    private static Problem Explain(EventBatch batch, PublishOutcome outcome) => outcome.Status switch
    {
        PublishStatus.TopicEnded => ExplainEnded(batch, outcome.Index),
        PublishStatus.IdReused => ExplainReused(batch, outcome.Index),
        PublishStatus.Overloaded => Problem.Overloaded(
            outcome.Detail ?? "More bytes wait to be ordered, or synced, than Limits:IngressQueueBytes allows. Nothing was added; try again after the time in Retry-After."),
        PublishStatus.ShuttingDown => Problem.ShuttingDown(),
        PublishStatus.DiskFull => Problem.DiskFull(outcome.Detail!),
        _ => Problem.HistoryFailed(outcome.Detail ?? "Whether the events were added is not known; publish them again with the same ids."),
    };

    private static Problem ExplainEnded(EventBatch batch, int index)
    {
        var record = RecordAt(batch, index);
        var topic = Encoding.UTF8.GetString(record.Topic);
        var which = record.Alternates.MoveNext() ? $"The topic \"{topic}\", or an alternate of the event," : $"The topic \"{topic}\"";
        return Problem.TopicEnded($"{which} has ended, and takes no events until history has forgotten it; publish to another topic.") with
        {
            Field = "topic",
            Value = topic,
        };
    }

    private static Problem ExplainReused(EventBatch batch, int index)
    {
        var id = Encoding.UTF8.GetString(ScopedId.WithoutMark(RecordAt(batch, index).Id));
        return Problem.IdReused($"The id \"{id}\" was used for another event a short time ago; give every event an id of its own.") with { Value = id };
    }

    private static EventRecord RecordAt(EventBatch batch, int index)
    {
        var rest = batch.Records.WrittenSpan;
        for (; index > 0; index--)
        {
            rest = rest[EventRecord.LengthAt(rest)..];
        }

        return new EventRecord(rest[..EventRecord.LengthAt(rest)]);
    }
}
