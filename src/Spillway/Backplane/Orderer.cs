using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>Decides a round of batches: what is a repeat, what comes too late, and the place in the one order of all the rest. Used by one thread, but for what says otherwise.</summary>
internal sealed partial class Orderer
{
    private const long Idle = long.MinValue;

    private readonly IHistory _history;
    private readonly IEventSink _sink;
    private readonly DedupOptions _dedup;
    private readonly TimeProvider _clock;
    private readonly BackplaneMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Syncer _syncer;
    private readonly RecentIds _ids;
    private readonly List<PendingBatch> _unsynced = []; // Of the round, those that wait for the syncer.
    private readonly List<(RecordId Id, long Offset)> _recordedIds = []; // Of the round's events for history.
    private readonly RoundEnds _ended = new();
    private readonly RoundRecords _records = new();
    private Place _place;
    private long _time;
    private long _failedBatches;
    private long _began = Idle; // Timestamp of the write under way.

    public Orderer(IHistory history, IEventSink sink, Syncer syncer, DedupOptions dedup, TimeProvider clock, BackplaneMetrics metrics, ILogger logger)
    {
        (_history, _sink, _syncer, _dedup, _clock, _metrics, _logger) = (history, sink, syncer, dedup, clock, metrics, logger);
        _ids = new RecentIds(dedup);
        _place = new Place(Math.Max(history.Head, history.NextOffset - 1), 0); // Not only the head: ephemeral events of before a restart may be numbered behind it.
    }

    /// <summary>Reads the ids and the time of the newest events from history, so that repeats are known and time goes on after a restart.</summary>
    public void Restore() => _time = RecentIdsReader.Read(_ids, _history, _dedup, _clock.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>How long the write under way has taken.</summary>
    public TimeSpan Elapsed => Volatile.Read(ref _began) is var began and not Idle ? _clock.GetElapsedTime(began) : TimeSpan.Zero;

    /// <summary>The offsets of the recorded events of a name, ascending. Any thread; one of a round that is not written yet may be among them, and not be there in the end.</summary>
    public long[] FindNamed(ReadOnlySpan<byte> space, ReadOnlySpan<byte> name, int most) => _ids.FindNamed(RecordId.NameOf(space, name), most);

    /// <summary>Orders, records and hands on a round of batches, and answers those that wait for no more than that.</summary>
    public void Process(List<PendingBatch> round)
    {
        if (TryCommit(round, withHistory: true))
        {
            ReportRecovery();
        }
        else
        {
            _failedBatches += round.Count(static pending => pending.HasRecorded);
            _ = TryCommit(round, withHistory: false); // What needs no history goes on without it.
        }

        Finish(round);
    }

    /// <summary>Orders the batches, or only those without an event for history, and appends. False: every batch has failed.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever breaks, these publishers are answered and the next ones served.")]
    private bool TryCommit(List<PendingBatch> round, bool withHistory)
    {
        _time = Math.Max(_time, _clock.GetUtcNow().ToUnixTimeMilliseconds());
        _ids.Expire(_time);
        var knownIds = _ids.Count;
        if (_place.Last < _history.Head)
        {
            _place = new Place(_history.Head, 0);
        }

        var place = _place;
        StartRound();
        try
        {
            var next = _history.NextOffset;
            foreach (var pending in round)
            {
                if (withHistory || !pending.HasRecorded)
                {
                    pending.Outcome = Order(pending, ref next);
                }
            }

            AnswerAtMemory(round);
            Append();
            _ids.Trim();
            return true;
        }
        catch (Exception fault)
        {
            if (_failedBatches == 0)
            {
                Log.CommitFailed(_logger, fault);
            }

            Undo(knownIds, place);
            foreach (var pending in round)
            {
                if (pending.Task.IsCompleted)
                {
                    _metrics.Lost(pending.Outcome.Accepted);
                }

                pending.Outcome = CommitHealth.OutcomeOf(fault);
            }

            return false;
        }
    }

    /// <summary>Orders a batch, or leaves everything as it was before it.</summary>
    private PublishOutcome Order(PendingBatch pending, ref long next)
    {
        _records.BeginBatch();
        var before = (Ids: _ids.Count, RecordedIds: _recordedIds.Count, Ended: _ended.Count, Records: _records.Mark(), Place: _place, Next: next);
        var outcome = new PublishOutcome(PublishStatus.Committed, Last: new Position(_history.Epoch, _place.Last));
        var rest = pending.Batch.Records.WrittenSpan;
        for (var index = 0; index < pending.Batch.Count; index++)
        {
            var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
            rest = rest[record.Bytes.Length..];
            var id = pending.Ids is null ? default : pending.Ids[index];
            var status = OrderOne(record, id, ref next, ref outcome);
            if (status != PublishStatus.Committed)
            {
                _ids.RollBack(before.Ids);
                _recordedIds.RemoveRange(before.RecordedIds, _recordedIds.Count - before.RecordedIds);
                _ended.RollBack(before.Ended);
                _records.RollBack(before.Records);
                (_place, next) = (before.Place, before.Next);
                return new PublishOutcome(status, index);
            }
        }

        return outcome;
    }

    private PublishStatus OrderOne(in EventRecord record, RecordId id, ref long next, ref PublishOutcome outcome)
    {
        var epoch = _history.Epoch;
        if (!id.IsNone && _ids.TryFind(id.Key, out var content, out var offset))
        {
            // Before the ended topics: repeating a final event is harmless, too.
            outcome = outcome with { Duplicates = outcome.Duplicates + 1, Last = new Position(epoch, offset), Ephemeral = 0 };
            return content == id.Content ? PublishStatus.Committed : PublishStatus.IdReused;
        }

        if (HasEnded(record))
        {
            if (!record.Flags.HasFlag(EventFlags.Marker))
            {
                return PublishStatus.TopicEnded;
            }

            outcome = outcome with { Duplicates = outcome.Duplicates + 1, Last = new Position(epoch, _place.Last), Ephemeral = 0 };
            return PublishStatus.Committed;
        }

        // An ephemeral number wraps after four billion: then one comes again, where 0 would say that the event is a recorded one.
        var isEphemeral = record.Flags.HasFlag(EventFlags.Ephemeral);
        _place = isEphemeral ? _place with { Ephemerals = Math.Max(_place.Ephemerals + 1, 1) } : new Place(next++, 0);
        _records.Add(record, _place.Last, _time, _place.Ephemerals);
        if (record.Flags.HasFlag(EventFlags.Final))
        {
            _ended.Add(record.Topic);
        }

        if (!id.IsNone)
        {
            Remember(id, isEphemeral);
        }

        outcome = outcome with { Accepted = outcome.Accepted + 1, Last = new Position(epoch, _place.Last), Ephemeral = _place.Ephemerals };
        return PublishStatus.Committed;
    }

    private bool HasEnded(in EventRecord record)
    {
        if (_ended.Contains(record.Topic) || _history.IsEnded(record.Topic))
        {
            return true;
        }

        foreach (var alternate in record.Alternates)
        {
            if (_ended.Contains(alternate) || _history.IsEnded(alternate))
            {
                return true;
            }
        }

        return false;
    }

    private void Remember(RecordId id, bool isEphemeral)
    {
        if (isEphemeral)
        {
            _ids.Add(id with { Name = default }, _place.Last, _time); // History has nothing to show whoever asks for it.
            return;
        }

        _ids.Add(id, _place.Last, _time);
        _recordedIds.Add((id, _place.Last));
    }

    private void Append()
    {
        if (_records.RecordedCount > 0)
        {
            Volatile.Write(ref _began, _clock.GetTimestamp());
            try
            {
                _history.Append(_records.Recorded());
                _metrics.Committed(_clock.GetElapsedTime(_began));
            }
            finally
            {
                Volatile.Write(ref _began, Idle);
            }
        }
    }

    /// <summary>Takes a round back, but for what history wrote before it failed: subscribers must see that, and a repeat of it must be found.</summary>
    private void Undo(int knownIds, Place place)
    {
        var written = _history.Head;
        _ids.RollBack(knownIds);
        _place = place;
        if (written > place.Last)
        {
            foreach (var (id, offset) in _recordedIds)
            {
                if (offset <= written)
                {
                    _ids.Add(id, offset, _time);
                }
            }

            _place = new Place(written, 0);
            Deliver(_records.Recorded(upTo: written), _records.RecordedCount);
        }

        StartRound();
    }

    private void StartRound()
    {
        _records.Clear();
        _recordedIds.Clear();
        _ended.RollBack(0);
    }

    /// <summary>Where the order has come to: the last offset given, and how many ephemeral events have followed it.</summary>
    private readonly record struct Place(long Last, uint Ephemerals);
}
