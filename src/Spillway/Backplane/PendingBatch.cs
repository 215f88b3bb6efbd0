using System.Runtime.InteropServices;
using Spillway.Events;

namespace Spillway.Backplane;

/// <summary>A batch in the queue and its publisher's wait for the outcome. The wait goes on elsewhere: never on the orderer's thread.</summary>
internal sealed class PendingBatch : TaskCompletionSource<PublishOutcome>
{
    /// <summary>About what the objects around a batch take: many small batches must not evade the queue's bound.</summary>
    public const int Overhead = 256;

    private PendingBatch(EventBatch batch, RecordId[]? ids, bool hasRecorded)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Batch = batch;
        Ids = ids;
        HasRecorded = hasRecorded;
        QueuedBytes = batch.Records.WrittenCount + Overhead;
    }

    public EventBatch Batch { get; }

    /// <summary>Of every record, in order; null if none has an id.</summary>
    public RecordId[]? Ids { get; }

    /// <summary>Whether any of its events is for history.</summary>
    public bool HasRecorded { get; }

    /// <summary>Its share of the queue's bound, until it is answered.</summary>
    public long QueuedBytes { get; }

    /// <summary>The queue that it came through: gets the room back.</summary>
    public BatchQueue? Queue { get; set; }

    /// <summary>What was decided, before it is told.</summary>
    public PublishOutcome Outcome { get; set; }

    /// <summary>Reads what the orderer will need to know of a batch, on the publisher's thread: hashing is most of the work.</summary>
    public static PendingBatch Create(EventBatch batch)
    {
        RecordId[]? ids = null;
        var hasRecorded = false;
        var rest = batch.Records.WrittenSpan;
        for (var index = 0; index < batch.Count; index++)
        {
            var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
            rest = rest[record.Bytes.Length..];
            hasRecorded |= !record.Flags.HasFlag(EventFlags.Ephemeral);
            if (!record.Id.IsEmpty)
            {
                ids ??= new RecordId[batch.Count];
                ids[index] = RecordId.Of(MemoryMarshal.AsBytes(batch.Publisher.AsSpan()), record);
            }
        }

        return new PendingBatch(batch, ids, hasRecorded);
    }

    /// <summary>Whether its publisher waits until it is synced.</summary>
    public bool WaitsForSync => Batch.Commit == CommitLevel.Synced && HasRecorded && Outcome.Status == PublishStatus.Committed;

    /// <summary>Tells the publisher what was decided. From then on the batch's memory is the publisher's.</summary>
    public void Answer()
    {
        Queue?.Release(QueuedBytes);
        SetResult(Outcome);
    }
}
