using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>Decides a round of batches: what is a repeat, what comes too late, and the place in the one order of all the rest. Used by one thread.</summary>
internal sealed partial class Orderer
{
    private const int RestorePageBytes = 1024 * 1024;

    /// <summary>How much further back than the ids kept a start looks for them in history: not every event has one.</summary>
    private const int RestoreFactor = 16;

    private const string Unknown =
        "History could not be written; whether the events were added is not known. Publish them again with the same ids when the hub is well.";

    private readonly IHistory _history;
    private readonly IEventSink _sink;
    private readonly DedupOptions _dedup;
    private readonly TimeProvider _clock;
    private readonly BackplaneMetrics _metrics;
    private readonly ILogger _logger;
    private readonly RecentIds _ids;
    private readonly EndedTopics _ended = new();
    private readonly RecordBuffer _events = new();
    private readonly RecordBuffer _recorded = new(); // Only where a round holds both kinds.
    private Place _place;
    private long _time;
    private int _eventCount;
    private int _ephemeralCount;
    private long _failedBatches;

    public Orderer(IHistory history, IEventSink sink, DedupOptions dedup, TimeProvider clock, BackplaneMetrics metrics, ILogger logger)
    {
        (_history, _sink, _dedup, _clock, _metrics, _logger) = (history, sink, dedup, clock, metrics, logger);
        _ids = new RecentIds(dedup);
        _place = new Place(history.Head, 0);
    }

    /// <summary>Reads the ids and the time of the newest events from history, so that repeats are known and time goes on after a restart.</summary>
    /// <remarks>Records do not name their publisher: what is restored is the ids of the empty one.</remarks>
    public void Restore()
    {
        _ = TopicPattern.TryParse("**", out var all, out _);
        var selectors = new SelectorSet([], [all!]);
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        var after = Math.Max(
            _history.FindSince(now - (long)_dedup.Window.TotalMilliseconds),
            _history.FindLast(selectors, (int)Math.Min(_dedup.Keys * (long)RestoreFactor, int.MaxValue)));
        for (var head = _history.Head; after < head;)
        {
            var page = _history.Read(selectors, after, head, RestorePageBytes);
            for (var rest = page.Records.Span; !rest.IsEmpty; rest = rest[EventRecord.LengthAt(rest)..])
            {
                var record = new EventRecord(rest[..EventRecord.LengthAt(rest)]);
                _time = Math.Max(_time, record.Time);
                if (!record.Id.IsEmpty && RecordId.Of([], record) is var id && !_ids.TryFind(id.Key, out _, out _))
                {
                    _ids.Add(id, record.Offset, _time);
                    _ids.Trim();
                }
            }

            after = page.To;
        }
    }

    /// <summary>Orders, records, hands on and answers a round of batches.</summary>
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

        HandOn();
        foreach (var pending in round)
        {
            _metrics.Decided(pending.Outcome.Status);
            pending.Answer();
        }
    }

    /// <summary>Orders the batches, or only those without an event for history, and appends. False: nothing of it counts, and every batch has failed.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "Whatever breaks, these publishers are answered and the next ones served.")]
    private bool TryCommit(List<PendingBatch> round, bool withHistory)
    {
        _time = Math.Max(_time, _clock.GetUtcNow().ToUnixTimeMilliseconds());
        _ids.Expire(_time);
        var knownIds = _ids.Count;
        if (_place.Last != _history.Head)
        {
            _place = new Place(_history.Head, 0);
        }

        var place = _place;
        Clear();
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

            _ids.RollBack(knownIds);
            _place = place;
            Clear();
            foreach (var pending in round)
            {
                pending.Outcome = new PublishOutcome(PublishStatus.Failed, Detail: Unknown);
            }

            return false;
        }
    }

    /// <summary>Orders a batch, or leaves everything as it was before it.</summary>
    private PublishOutcome Order(PendingBatch pending, ref long next)
    {
        var before = (_ids.Count, Ended: _ended.Count, _events.Length, Place: _place, Next: next, Events: _eventCount, Ephemerals: _ephemeralCount);
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
                _ids.RollBack(before.Count);
                _ended.RollBack(before.Ended);
                _events.Truncate(before.Length);
                (_place, next, _eventCount, _ephemeralCount) = (before.Place, before.Next, before.Events, before.Ephemerals);
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
            outcome = outcome with { Duplicates = outcome.Duplicates + 1, Last = new Position(epoch, offset) };
            return content == id.Content ? PublishStatus.Committed : PublishStatus.IdReused;
        }

        if (HasEnded(record))
        {
            if (!record.Flags.HasFlag(EventFlags.Marker))
            {
                return PublishStatus.TopicEnded;
            }

            outcome = outcome with { Duplicates = outcome.Duplicates + 1, Last = new Position(epoch, _place.Last) };
            return PublishStatus.Committed;
        }

        if (record.Flags.HasFlag(EventFlags.Ephemeral))
        {
            // It wraps after four billion: then a number comes again, where 0 would say that the event is a recorded one.
            _place = _place with { Ephemerals = Math.Max(_place.Ephemerals + 1, 1) };
            _ephemeralCount++;
        }
        else
        {
            _place = new Place(next++, 0);
        }

        EventRecordWriter.Stamp(_events.Append(record.Bytes), _place.Last, _time, _place.Ephemerals);
        _eventCount++;
        if (record.Flags.HasFlag(EventFlags.Final))
        {
            _ended.Add(record.Topic);
        }

        if (!id.IsNone)
        {
            _ids.Add(id, _place.Last, _time);
        }

        outcome = outcome with { Accepted = outcome.Accepted + 1, Last = new Position(epoch, _place.Last) };
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

    private void Append()
    {
        if (_eventCount == _ephemeralCount)
        {
            return;
        }

        var records = _events;
        if (_ephemeralCount > 0)
        {
            for (var rest = _events.Written; !rest.IsEmpty; rest = rest[EventRecord.LengthAt(rest)..])
            {
                if (!EventRecord.FlagsOf(rest).HasFlag(EventFlags.Ephemeral))
                {
                    _recorded.Append(rest[..EventRecord.LengthAt(rest)]);
                }
            }

            records = _recorded;
        }

        var began = _clock.GetTimestamp();
        _history.Append(records.Written);
        _metrics.Committed(_clock.GetElapsedTime(began));
    }

    [SuppressMessage("Design", "CA1031", Justification = "The events are committed: their publishers must not hear anything else.")]
    private void HandOn()
    {
        if (_eventCount == 0)
        {
            return;
        }

        _metrics.HandedOn(_eventCount);
        try
        {
            _sink.Accept(_events.Written);
        }
        catch (Exception fault)
        {
            Log.SinkFailed(_logger, fault, _eventCount);
        }
    }

    private void ReportRecovery()
    {
        if (_failedBatches > 0 && _eventCount > _ephemeralCount)
        {
            Log.CommitRecovered(_logger, _failedBatches);
            _failedBatches = 0;
        }
    }

    private void Clear()
    {
        _events.Clear();
        _recorded.Clear();
        _ended.RollBack(0);
        (_eventCount, _ephemeralCount) = (0, 0);
    }

    /// <summary>Where the order has come to: the last offset given, and how many ephemeral events have followed it.</summary>
    private readonly record struct Place(long Last, uint Ephemerals);
}
