using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Backplane;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.Backplane;

/// <summary>
/// One seeded story of a hub on a simulated disk, through several lives of its process: publishes at all levels, faults, crashes, power losses. Orderer and syncer run on
/// the test's thread; what really runs at the same time is put into the middle of a sync.
/// </summary>
internal sealed class CommitRun : IDisposable
{
    private readonly Random _random;
    private readonly ManualTimeProvider _clock = new();
    private readonly MetricCollector _metrics = new();
    private readonly SimulatedDisk _disk;
    private readonly CommitModel _model;
    private readonly HistoryLimits _limits;
    private readonly List<(PublishedBatch Batch, CommitLevel Level, PendingBatch Pending)> _waiting = [];
    private SegmentedHistory? _history;
    private Orderer? _orderer;
    private Syncer? _syncer;
    private bool _isSyncing;
    private int _created; // Files, before the syncer began.
    private long _faultsEnd;
    private int _faults; // Before the history was opened.
    private int _step;

    public CommitRun(int seed)
    {
        _random = new Random(seed);
        _disk = new SimulatedDisk(seed) { OnSync = PublishMeanwhile, TellsIdentities = seed % 4 > 0 };
        _model = new CommitModel { DeliversSynced = _random.Next(3) == 0 };
        _limits = new HistoryLimits(
            MaxBytes: long.MaxValue, MaxEvents: _random.Next(3) == 0 ? 60 : long.MaxValue, MaxMilliseconds: long.MaxValue / 2, SegmentBytes: Pick(1_500, 20_000),
            SegmentEvents: Pick(8, 30, 1_000), SegmentMilliseconds: long.MaxValue, IndexRetention: 4, IndexBytes: long.MaxValue);
    }

    /// <summary>Events that were acknowledged at a level at which they must be kept.</summary>
    public int Promised => _model.Batches.Count(static batch => batch.Acknowledged >= CommitLevel.Written);

    public int Faults => _disk.Faults;

    public void Live()
    {
        var powerLost = false;
        for (var life = 0; life < 4; life++)
        {
            if (_limits.MaxEvents == long.MaxValue) // Else nobody knows what retention took while it opened.
            {
                Disturb(); // In the middle of recovery.
            }

            if (TryOpen(powerLost))
            {
                powerLost = false; // What that cost is settled.
                Work(_random.Next(5, 40));
            }

            Abandon();
            EndFaults();
            var losesPower = _random.Next(2) == 0;
            _disk.Restart(losesPower);
            _model.IsFaultless &= !losesPower;
            powerLost |= losesPower;
        }

        Assert.True(TryOpen(powerLost), "A history without faults could not be opened.");
        PublishAllAgain();
    }

    public void Dispose()
    {
        Abandon();
        _metrics.Dispose();
    }

    private void Disturb()
    {
        switch (_random.Next(8))
        {
            case 0 or 1:
                _disk.DiesAt = _disk.Steps + _random.Next(1, 12);
                break;
            case 2:
                BeginFaults();
                break;
        }
    }

    private bool TryOpen(bool powerLost)
    {
        _faults = _disk.Faults;
        var metrics = new HistoryMetrics(_metrics);
        try
        {
            var store = DirectoryStore.Open("disk", _disk, new Hold(), NullLogger.Instance);
            _history = new SegmentedHistory(_limits, store, _clock, NullLogger.Instance, metrics, inBackground: false);
        }
        catch (Exception fault) when (fault is SimulatedCrashException || (fault is IOException && _disk.Faults > _faults))
        {
            metrics.Dispose();
            return false;
        }

        var (health, backplane) = (new CommitHealth(_clock), new BackplaneMetrics(_metrics));
        _syncer = new Syncer(_history, _model, _model.DeliversSynced, _clock, backplane, health, NullLogger.Instance);
        _syncer.Close(); // Run then returns as soon as nobody waits.
        _orderer = new Orderer(_history, _model, _syncer, new DedupOptions(), _clock, backplane, NullLogger.Instance);
        return !Try(_orderer.Restore) && !Try(() => _model.Begin(_history, powerLost));
    }

    private void Work(int steps)
    {
        var diesAfter = _random.Next(2) == 0 ? _random.Next(steps) : int.MaxValue;
        for (var step = 0; step < steps && !_disk.IsDead; step++)
        {
            if (step == diesAfter)
            {
                _disk.DiesAt = _disk.Steps + _random.Next(1, 10);
            }

            Step();
            if (!_disk.IsDead)
            {
                Try(_model.CheckLive); // Reading writes an index anew where one is damaged, and may die of it.
            }
        }

        if (!_disk.IsDead && _random.Next(4) == 0)
        {
            Try(() => _history!.Dispose()); // A proper end.
            TakeAnswers();
        }
    }

    private void Step()
    {
        if (_step++ == _faultsEnd)
        {
            EndFaults();
        }

        switch (_random.Next(20))
        {
            case 0:
                BeginFaults();
                break;
            case 1:
                _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(2_000)));
                break;
            case 2:
                Try(() => _history!.Trim(_clock.GetUtcNow().ToUnixTimeMilliseconds()));
                break;
            case < 9:
                Sync();
                break;
            default:
                Publish();
                break;
        }

        TakeAnswers();
    }

    private void Publish()
    {
        var round = new List<PendingBatch>();
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var level = (CommitLevel)_random.Next(3);
            var isNew = _model.Batches.Count == 0 || _random.Next(4) > 0;
            var batch = isNew ? MakeBatch() : _model.Batches[^_random.Next(1, Math.Min(10, _model.Batches.Count + 1))];
            var pending = PendingBatch.Create(batch.ToBatch(level));
            round.Add(pending);
            _waiting.Add((batch, level, pending));
        }

        if (_random.Next(10) == 0)
        {
            round.Add(PendingBatch.Create(Batches.Ephemeral(Batches.Event("t/e"))));
        }

        _orderer!.Process(round);
    }

    private PublishedBatch MakeBatch()
    {
        var number = _model.Batches.Count;
        var ids = Enumerable.Range(0, Pick(1, 1, 2, 5, 12)).Select(i => $"{number}.{i}").ToArray();
        _model.Batches.Add(new PublishedBatch(ids, new string('x', Pick(0, 10, 300, 2_000))));
        return _model.Batches[^1];
    }

    private void Sync()
    {
        (_isSyncing, _created) = (true, _disk.Created);
        _syncer!.Run();
        _isSyncing = false;
    }

    /// <summary>The orderer's thread does not wait for the syncer's, unless that repairs: then it makes files first.</summary>
    private void PublishMeanwhile(string name)
    {
        if (_isSyncing && _disk.Created == _created && name != "state" && name != "state.next" && _random.Next(3) == 0)
        {
            _isSyncing = false;
            Publish();
            (_isSyncing, _created) = (true, _disk.Created);
        }
    }

    private void TakeAnswers()
    {
        foreach (var (batch, level, pending) in _waiting.FindAll(static waiting => waiting.Pending.Task.IsCompleted))
        {
            if (pending.Outcome.Status == PublishStatus.Committed)
            {
                _model.Acknowledge(batch, level, pending.Outcome);
            }
        }

        _waiting.RemoveAll(static waiting => waiting.Pending.Task.IsCompleted);
    }

    private void BeginFaults()
    {
        _model.IsFaultless = false;
        _faultsEnd = _step + _random.Next(1, 12);
        switch (_random.Next(4))
        {
            case 0:
                _disk.FaultRate = _random.NextDouble() / 2;
                break;
            case 1:
                _disk.FailingSyncs = 1;
                break;
            case 2:
                _disk.IsReadOnly = true;
                break;
            default:
                _disk.Capacity = _disk.Used + _random.Next(5_000);
                break;
        }
    }

    private void EndFaults() => (_disk.FaultRate, _disk.FailingSyncs, _disk.IsReadOnly, _disk.Capacity) = (0, 0, false, long.MaxValue);

    /// <summary>Every publisher that is not sure tries again until it is: then everything is in history once.</summary>
    private void PublishAllAgain()
    {
        _disk.OnSync = null; // Nothing new any more.
        foreach (var batch in _model.Batches)
        {
            var wasThere = batch.Ids.All(_model.Present.ContainsKey);
            var pending = PendingBatch.Create(batch.ToBatch(CommitLevel.Synced));
            _waiting.Add((batch, CommitLevel.Synced, pending));
            _orderer!.Process([pending]);
            Sync();
            TakeAnswers();
            Assert.Equal((PublishStatus.Committed, wasThere ? batch.Ids.Count : 0), (pending.Outcome.Status, pending.Outcome.Duplicates));
        }

        _model.CheckLive();
    }

    private void Abandon()
    {
        _disk.Kill();
        _model.End();
        Try(() => _history?.Dispose());
        (_history, _isSyncing) = (null, false);
        _waiting.Clear();
    }

    private int Pick(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];

    /// <summary>Whether the process died of it; what comes of that is seen in its next life.</summary>
    private static bool Try(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (SimulatedCrashException)
        {
            return true;
        }
    }

    private sealed class Hold : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
