using Microsoft.Extensions.Logging.Abstractions;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.TestKit;

namespace Spillway.Tests.History;

/// <summary>
/// One random run of a history whose rules keep events by themselves: appends, cleaning, restarts, crashes and power losses on a simulated disk, or in memory; and after
/// each what is kept, and what is told of the rest, beside a list of all events ever.
/// </summary>
internal sealed class RetentionRun : IDisposable
{
    private readonly Random _random;
    private readonly ManualTimeProvider _clock = new();
    private readonly SimulatedDisk? _disk;
    private readonly HistoryLimits _limits;
    private readonly RandomRules _rules;
    private readonly HashSet<long> _before = []; // Gone before the rules changed: what the present ones would have kept does not matter.
    private readonly string[] _topics;
    private readonly int _largestPayload;
    private readonly MetricCollector _metrics = new();
    private List<ModelEvent> _all = [];
    private readonly List<ModelEvent> _unclear = []; // Lost with the power, or taken by retention when the history was opened again.
    private SegmentedHistory _history = null!; // Opened at once.
    private long _lost = -1; // What was above this offset may be lost; -1: nothing may.
    private bool _hadFaults;
    private HashSet<long> _there = []; // As it was when last looked at.
    private bool _isFaultless = true; // Neither a power loss has happened nor a fault.
    private bool _wasKilled; // What retention took before its index was on the disk is no longer counted.

    public RetentionRun(int seed, bool inMemory)
    {
        _random = new Random(seed);
        _disk = inMemory ? null : new SimulatedDisk(seed);
        _topics = [.. Enumerable.Range(0, Pick(3, 12, 100)).Select(static i => $"{"abcd"[i % 4]}/{i % 5}{(i % 3 == 0 ? "/x" : "")}").Distinct()];
        _largestPayload = Pick(0, 100, 1_000);
        var (bytes, events, age) = (Pick(5_000, 100_000, 10_000_000), Pick(60, 1_000, 100_000), Pick(1_000, 50_000, 1_000_000_000));
        _rules = new RandomRules(_random, bytes, events, age, mayLeave: inMemory);
        _limits = new HistoryLimits(
            bytes, events, age, SegmentBytes: Pick(1_000, 5_000, 50_000), SegmentEvents: Pick(5, 40, 1_000), SegmentMilliseconds: Pick(100, 3_000, 1_000_000),
            IndexRetention: Pick(0, 1, 1_000, 1_000), IndexBytes: Pick(2_000, int.MaxValue, int.MaxValue))
        {
            Retention = _rules.Retention,
        };
        Open();
    }

    /// <summary>Segments that were made anew.</summary>
    public double Rewritten => _metrics.Sum("spillway.history.rewritten_segments");

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    public void Step()
    {
        if (_history is null && !TryOpen())
        {
            return;
        }

        if (_disk is not null && _random.Next(8) == 0)
        {
            _disk.DiesAt = _disk.Steps + _random.Next(1, 60);
        }

        if (_random.Next(5) == 0)
        {
            _rules.Change();
            _before.UnionWith(_all.Select(static one => one.Offset).Except(_there));
        }

        var hasFaults = _disk is not null && _random.Next(6) == 0;
        if (hasFaults)
        {
            (_disk!.FaultRate, _isFaultless, _hadFaults) = (_random.NextDouble() / 3, false, true);
        }

        var hasDied = Try(() => Work(hasFaults));
        _disk?.FaultRate = 0;
        if (hasDied)
        {
            _wasKilled = true;
            Restart(powerLoss: _random.Next(2) == 0);
        }
        else if (_disk is not null && _random.Next(6) == 0)
        {
            _wasKilled |= _random.Next(2) == 0 || Try(() => _history!.Dispose());
            Restart(powerLoss: _random.Next(3) == 0);
        }
    }

    public void Dispose()
    {
        _disk?.Kill();
        Try(() => _history?.Dispose());
        _metrics.Dispose();
    }

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

    private int Pick(params ReadOnlySpan<int> choices) => choices[_random.Next(choices.Length)];

    private void Open()
    {
        ISegmentStore store = _disk is null ? new MemoryStore() : DirectoryStore.Open("disk", _disk, new Hold(), NullLogger.Instance);
        var metrics = new HistoryMetrics(_metrics);
        try
        {
            _history = new SegmentedHistory(_limits, store, _clock, NullLogger.Instance, metrics, inBackground: false);
        }
        catch
        {
            metrics.Dispose();
            throw;
        }
    }

    private void Restart(bool powerLoss)
    {
        var synced = _history.Synced;
        _disk!.Kill();
        Try(_history.Dispose);
        _history = null!;
        _disk.Restart(powerLoss);
        _isFaultless &= !powerLoss;
        if (powerLoss && _there.Count > 0)
        {
            // Files that were deleted may come back where the next ones do not: then nobody knows what lay between.
            _unclear.AddRange(_all.FindAll(one => one.Offset < _there.Max() && !_there.Contains(one.Offset)));
            _all = _all.Except(_unclear).ToList();
        }

        _lost = Math.Max(_lost, synced);
        _disk.DiesAt = _random.Next(4) == 0 ? _disk.Steps + _random.Next(1, 40) : long.MaxValue;
        TryOpen();
    }

    private bool TryOpen()
    {
        if (Try(Open))
        {
            (_history, _wasKilled) = (null!, true);
            _disk!.Restart(powerLoss: false);
            return false;
        }

        List<ModelEvent>? present = null;
        if (Try(() => present = Present()))
        {
            _wasKilled = true;
            Restart(powerLoss: false);
            return false;
        }

        var there = present!.Select(static one => one.Offset).ToHashSet();
        _unclear.AddRange(_all.FindAll(one => _lost >= 0 && one.Offset > _lost && !there.Contains(one.Offset)));
        _all = _all.Except(_unclear).ToList();
        (_lost, _there) = (-1, there);
        return true;
    }

    private void Work(bool hasFaults)
    {
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            Append();
        }

        if (_random.Next(2) == 0)
        {
            Sync();
        }

        if (_random.Next(3) == 0)
        {
            Sync();
            _history.Trim(Now); // Where it begins a new segment, the old one can be sealed, and cleaned, in the second round.
            Sync();
            _history.Trim(Now);
            if (!hasFaults && _history.Synced == _history.Head)
            {
                Bounds(Present()).CheckBounds(_history.Size);
            }
        }

        var present = Present();
        _there = [.. present.Select(static one => one.Offset)];
        new RetentionCheck(_history, _all, _unclear, present, _topics, _random, IsCounted, _hadFaults).Check();
        new RetainedCheck(_rules.Now, Now, _all, _unclear, present, _before).Check();
        Bounds(present).CheckKept(_all.Concat(_unclear).Where(one => !_before.Contains(one.Offset)));
    }

    private bool IsCounted => _isFaultless && !_wasKilled && _limits is { IndexRetention: 1_000, IndexBytes: int.MaxValue };

    private RetentionBounds Bounds(List<ModelEvent> present) => new(_limits, _rules, Now, present, _unclear);

    private void Append()
    {
        var (records, offset) = (new List<byte>(), _history.NextOffset - 1);
        var added = new List<ModelEvent>();
        for (var i = _random.Next(0, Pick(2, 20, 60)); i >= 0; i--)
        {
            offset += _random.Next(20) == 0 ? _random.Next(1, 50) : 1;
            added.Add(Make(offset));
        }

        for (var (place, i) = (0, 0); i < added.Count; i++)
        {
            var isContinued = i < added.Count - 1 && _random.Next(3) > 0;
            added[i].Record[EventRecord.BatchAt] = isContinued ? EventRecord.ContinuedBit : (byte)0;
            added[i].Record[EventRecord.PlaceAt] = (byte)place;
            place = isContinued ? place + 1 : 0;
            records.AddRange(added[i].Record);
        }

        _all.AddRange(added);
        _clock.Advance(TimeSpan.FromMilliseconds(Pick(0, 1, 30, 400)));
        try
        {
            _history.Append(records.ToArray());
        }
        catch (IOException) when (!_isFaultless)
        {
            _unclear.AddRange(_all.FindAll(one => one.Offset > _history.Head && one.Offset < _history.NextOffset)); // Nobody was shown them; perhaps they are stored.
            _all.RemoveAll(one => one.Offset > _history.Head);
        }
    }

    private void Sync()
    {
        try
        {
            _history.Sync();
        }
        catch (IOException) when (!_isFaultless)
        {
            // The next one tries elsewhere.
        }
    }

    private ModelEvent Make(long offset)
    {
        var names = new string[_random.Next(6) == 0 ? _random.Next(2, 4) : 1];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = _topics[_random.Next(_random.Next(3) == 0 ? 2 : _topics.Length)];
        }

        var flags = _random.Next(30) switch { 0 => EventFlags.Marker, 1 => EventFlags.Final, < 7 => EventFlags.Private, _ => EventFlags.None };
        return ModelEvent.Make(offset, Now, names, _random.Next(3) == 0 ? $"k{_random.Next(3)}" : null, flags, _random.Next(_largestPayload + 1), _random.Next(12) == 0 ? Pick(50, 2_000, 100_000) : null);
    }

    private List<ModelEvent> Present()
    {
        var byOffset = _all.Concat(_unclear).ToDictionary(static one => one.Offset);
        var present = new List<ModelEvent>();
        for (var after = 0L; after < _history.Head;)
        {
            var page = _history.Read(HistoryRig.Select("**"), after, _history.Head, 10_000);
            Assert.True(page.Missing is not { Corrupt: true } || !_isFaultless, "Damage is told, and there was none.");
            Assert.True(page.To > after, "A page of nothing.");
            foreach (var record in HistoryRig.Divide(page.Records))
            {
                var one = byOffset[EventRecord.OffsetOf(record)];
                Assert.True(one.Record.AsSpan(8, 17).SequenceEqual(record.AsSpan(8, 17)) && one.Record.AsSpan(28).SequenceEqual(record.AsSpan(28)), "Another record.");
                present.Add(one);
            }

            after = page.To;
        }

        return present;
    }

    private sealed class Hold : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
