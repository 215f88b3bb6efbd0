using System.Diagnostics.CodeAnalysis;

namespace Spillway.Backplane;

/// <summary>Who is told what, and when.</summary>
internal sealed partial class Orderer
{
    private void Finish(List<PendingBatch> round)
    {
        if (!_syncer.Delivers)
        {
            HandOn(_records.All, _records.Count);
        }

        foreach (var pending in round)
        {
            if (_history.IsDurable && pending.WaitsForSync)
            {
                _unsynced.Add(pending);
            }
            else
            {
                Answer(pending);
            }
        }

        _syncer.Add(_unsynced, _records.All, _records.Count);
        _unsynced.Clear();
    }

    private void Answer(PendingBatch pending)
    {
        if (!pending.Task.IsCompleted) // The level memory is answered before the write.
        {
            _metrics.Decided(pending.Outcome.Status);
            pending.Answer();
        }
    }

    private void AnswerAtMemory(List<PendingBatch> round)
    {
        foreach (var pending in round)
        {
            if (pending is { Batch.Commit: CommitLevel.Memory, HasRecorded: true, Outcome.Status: PublishStatus.Committed })
            {
                Answer(pending);
            }
        }
    }

    /// <summary>Hands written events on, at once or through the syncer.</summary>
    private void Deliver(ReadOnlySpan<byte> records, int count)
    {
        if (_syncer.Delivers)
        {
            _syncer.Add([], records, count);
        }
        else
        {
            HandOn(records, count);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The events are committed: their publishers must not hear anything else.")]
    private void HandOn(ReadOnlySpan<byte> records, int count)
    {
        if (records.IsEmpty)
        {
            return;
        }

        _metrics.HandedOn(count);
        try
        {
            _sink.Accept(records);
        }
        catch (Exception fault)
        {
            Log.SinkFailed(_logger, fault, count);
        }
    }

    private void ReportRecovery()
    {
        if (_failedBatches > 0 && _records.RecordedCount > 0)
        {
            Log.CommitRecovered(_logger, _failedBatches);
            _failedBatches = 0;
        }
    }
}
