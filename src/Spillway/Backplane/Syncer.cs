using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Spillway.History;

namespace Spillway.Backplane;

/// <summary>
/// Syncs history while anything is unsynced, and answers who waited for that. No timer gathers events: what came during one sync is the next one's batch.
/// </summary>
internal sealed partial class Syncer(IHistory history, IEventSink sink, bool deliverSynced, TimeProvider clock, BackplaneMetrics metrics, CommitHealth health, ILogger logger)
{
    private const long Idle = long.MinValue;

    private static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1); // Where events wait for their delivery and the disk fails.

    private readonly object _gate = new();
    private readonly RecordBuffer _records = new(); // To be handed on once synced, in order; empty unless delivery waits for that.
    private readonly RecordBuffer _synced = new(); // The syncer's own.
    private List<PendingBatch> _waiting = [];
    private List<PendingBatch> _answered = [];
    private int _count;
    private bool _closed;
    private bool _failed;
    private long _began = Idle; // Timestamp of the sync under way.

    /// <summary>Whether the hub gets events only when they are synced.</summary>
    public bool Delivers => deliverSynced && history.IsDurable;

    /// <summary>How long the sync under way has taken.</summary>
    public TimeSpan Elapsed => Volatile.Read(ref _began) is var began and not Idle ? clock.GetElapsedTime(began) : TimeSpan.Zero;

    /// <summary>Takes over who waits for what was just written, and where delivery waits too, the events.</summary>
    public void Add(List<PendingBatch> waiting, ReadOnlySpan<byte> records, int count)
    {
        if (waiting.Count == 0 && !Delivers)
        {
            return; // The next sync that somebody waits for takes it along.
        }

        lock (_gate)
        {
            _waiting.AddRange(waiting);
            if (Delivers)
            {
                _records.Append(records);
                _count += count;
            }

            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Runs until closed, and then until nobody waits.</summary>
    public void Run()
    {
        while (Take(out var count))
        {
            var fault = Sync();
            if (fault is null)
            {
                HandOn(count);
            }
            else
            {
                GiveBack(count);
            }

            foreach (var pending in _answered)
            {
                pending.Outcome = fault is null ? pending.Outcome : CommitHealth.OutcomeOf(fault);
                metrics.Decided(pending.Outcome.Status);
                pending.Answer();
            }

            _answered.Clear();
        }
    }

    /// <summary>Nothing is added any more.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private bool Take(out int count)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && (_count == 0 || _failed))
            {
                if (_closed)
                {
                    count = 0;
                    return false; // What was never synced is in history, and found at the next start.
                }

                if (_count == 0)
                {
                    Monitor.Wait(_gate);
                }
                else if (!Monitor.Wait(_gate, RetryEvery))
                {
                    _failed = false;
                }
            }

            (_waiting, _answered) = (_answered, _waiting);
            _synced.Clear();
            _synced.Append(_records.Written);
            _records.Clear();
            (count, _count) = (_count, 0);
            return true;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever breaks, those who wait are answered and the next ones served.")]
    private Exception? Sync()
    {
        Volatile.Write(ref _began, clock.GetTimestamp());
        try
        {
            history.Sync();
            metrics.Synced(clock.GetElapsedTime(_began));
            health.Succeeded();
            _failed = false;
            return null;
        }
        catch (Exception fault)
        {
            if (!_failed)
            {
                Log.SyncFailed(logger, fault);
            }

            health.Failed();
            _failed = true;
            return fault;
        }
        finally
        {
            Volatile.Write(ref _began, Idle);
        }
    }

    /// <summary>What could not be synced waits for the next try, before what came meanwhile.</summary>
    private void GiveBack(int count)
    {
        lock (_gate)
        {
            _synced.Append(_records.Written);
            _records.Clear();
            _records.Append(_synced.Written);
            _count += count;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The events are committed: their publishers must not hear anything else.")]
    private void HandOn(int count)
    {
        if (_synced.Length == 0)
        {
            return;
        }

        metrics.HandedOn(count);
        try
        {
            sink.Accept(_synced.Written);
        }
        catch (Exception fault)
        {
            Log.SinkFailed(logger, fault, count);
        }
    }
}
