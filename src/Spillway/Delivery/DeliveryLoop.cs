using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Spillway.Delivery;

/// <summary>
/// One thread that owns connections and brings them what they are owed, in turns of some milliseconds: commands, marks, direct visits, sweeps, deadlines.
/// </summary>
/// <remarks>
/// Everything here is the loop's thread's but <see cref="Post"/>, <see cref="Mark"/> and <see cref="Wake"/>. A connection's cursor changes only here, only upwards, and in the
/// step that sends the bytes which justify it. Never on a loop: locks, files, cryptography.
/// </remarks>
internal sealed partial class DeliveryLoop : IDisposable
{
    /// <summary>Deadlines are kept in ticks of this length.</summary>
    public const int TickMilliseconds = 250;

    private static readonly long TurnTime = Stopwatch.Frequency / 250; // 4 ms
    private static readonly long DirectShare = TurnTime * 8 / 12; // Against 4 for sweeps: few connections' own events do not wait for broadcasts.

    private readonly LoopContext _context;
    private readonly IConnectionSink _sink;
    private readonly ILoopWaiter _waiter;
    private readonly ConcurrentQueue<LoopCommand> _commands = new(); // At most a few a connection.
    private readonly DirtyRing _dirty = new();
    private readonly ConnectionTable _connections;
    private readonly FeedTable _feeds;
    private readonly Gatherer _gatherer;
    private readonly DirectQueue _direct = new();
    private readonly Sweep _critical = new();
    private readonly Sweep _normal = new();
    private readonly ArrayBufferWriter<byte> _signal = new(512);
    private readonly long _started;
    private readonly Action<int> _clearPending;
    private readonly Action<int> _clearPendingCritical;
    private int _awake = 1;
    private long _pinnedTail;
    private long _now; // Milliseconds since the loop began.
    private uint _tick;
    private uint _lastScan;
    private bool _stopped;

    public DeliveryLoop(int index, LoopContext context, Func<DeliveryLoop, IConnectionSink> sink, ILoopWaiter waiter)
    {
        Index = index;
        _context = context;
        _waiter = waiter;
        _connections = new ConnectionTable(context.Options.Limits.Connections);
        _feeds = new FeedTable(_connections, context.Options.Limits.Connections, context.Options.Limits.Topics);
        _gatherer = new Gatherer(context.Window, context.Strands, _feeds, context.Encoders, context.Epoch, _toldExpired);
        _wheel = new BatchWheel(context.Options.Limits.Connections);
        _judge = new BacklogJudge(context.Window);
        _started = context.Clock.GetTimestamp();
        _clearPending = strand => Interlocked.And(ref context.Strands[strand].Pending, ~Bit);
        _clearPendingCritical = strand => Interlocked.And(ref context.Strands[strand].PendingCritical, ~Bit);
        _sink = sink(this);
    }

    public int Index { get; }

    public LoopCounters Counters { get; } = new();

    /// <summary>Connections now; may be read by any thread.</summary>
    public int ConnectionCount => _connections.Count;

    public int FeedCount => _feeds.Count;

    /// <summary>Connections that have ended, and whose clients have not.</summary>
    public int Unclosed => _sink.Unclosed;

    /// <summary>What is remembered of single connections beside the table: nothing of one that has caught up.</summary>
    public int ExtraStates => _plans.Count + _toldExpired.Count + _rests.Count + _snapshots.Count + _replayBases.Count + _births.Count + _ending.Count + _wheel.Count + _polls.Count;

    /// <summary>Whether something was asked of it that it has not taken.</summary>
    public bool HasCommands => !_commands.IsEmpty;

    public bool HasWork => HasCommands || !_dirty.IsEmpty || _direct.Count > 0 || !_critical.IsEmpty || !_normal.IsEmpty || HasBatchedWork || HasDrainWork || HasReviewWork;

    public RunMemo Memo => _gatherer.Memo;

    private ulong Bit => 1UL << Index;

    /// <summary>Any thread: asks the loop for something.</summary>
    public void Post(LoopCommand command)
    {
        _commands.Enqueue(command);
        Wake();
        if (Volatile.Read(ref _stopped))
        {
            RefuseCommands(); // Wake has the fence: either this sees the loop's end, or the loop's end sees the command.
        }
    }

    /// <summary>Any thread: has something answered on the loop's own; the default where it has stopped.</summary>
    public Task<T?> AskAsync<T>(Func<DeliveryLoop, T> ask)
    {
        var query = new LoopQuery<T>(ask);
        Post(new LoopCommand(LoopCommandKind.Query, Argument: query));
        return query.Task;
    }

    /// <summary>The dispatcher, under its lock, after the head was published: a strand of this loop has news. <see cref="Wake"/> follows.</summary>
    public void Mark(int strand, Lane lane) => _dirty.Add(strand, lane);

    /// <summary>Any thread: makes the loop look.</summary>
    public void Wake()
    {
        Interlocked.MemoryBarrier(); // The work, then the flag: neither a queue's last write nor the ring's is a fence, and Sleep has the other half.
        if (Volatile.Read(ref _awake) == 0 && Interlocked.Exchange(ref _awake, 1) == 0)
        {
            _waiter.Wake();
        }
    }

    /// <summary>The thread's body: turns until stopped.</summary>
    public void Run()
    {
        while (!_stopped)
        {
            if (TryTurn())
            {
                _waiter.Poll();
            }
            else
            {
                Sleep();
            }
        }
    }

    /// <summary>One turn; false if nothing is left to do.</summary>
    public bool Turn()
    {
        _now = (long)_context.Clock.GetElapsedTime(_started).TotalMilliseconds;
        _tick = (uint)(_now / TickMilliseconds) + 1;
        _gatherer.BeginTurn(_context.Clock.GetUtcNow().ToUnixTimeMilliseconds());
        _pinnedTail = _context.Pins.Pin(Index, _context.Window);
        try
        {
            TakeCommands();
            DrainSlice();
            ReviewLeases();
            TakeMarks();
            SpreadBatched();
            HastenOldest();
            var began = Stopwatch.GetTimestamp();
            VisitDirect(began + DirectShare);
            var sweepEnd = Math.Max(Stopwatch.GetTimestamp() + TurnTime - DirectShare, began + TurnTime);
            VisitSweep(_critical, _clearPendingCritical, sweepEnd);
            VisitSweep(_normal, _clearPending, sweepEnd);
            VisitBatched(Math.Max(sweepEnd, Stopwatch.GetTimestamp() + BatchedShare));
            if (_tick != _lastScan)
            {
                _lastScan = _tick;
                ScanDeadlines();
            }
        }
        finally
        {
            _context.Pins.Release(Index);
        }

        return HasWork;
    }

    public void Dispose()
    {
        _dirty.Dispose();
        _connections.Dispose();
        _feeds.Dispose();
        _critical.Dispose();
        _normal.Dispose();
        _wheel.Dispose();
        _waiter.Dispose();
        (_sink as IDisposable)?.Dispose();
    }

    private void Sleep()
    {
        // Store, fence, look again: whoever adds work first adds it and then reads the flag, so one of the two sees the other.
        Volatile.Write(ref _awake, 0);
        Interlocked.MemoryBarrier();
        if (!HasWork && !_stopped)
        {
            _waiter.Wait(LongestSleep());
        }

        Volatile.Write(ref _awake, 1);
    }

    private void VisitDirect(long until)
    {
        for (var i = 0; _direct.Count > 0; i++)
        {
            if ((i & 31) == 31 && Stopwatch.GetTimestamp() > until)
            {
                return; // The rest in the next turn, before its sweep.
            }

            var connection = _direct.Take();
            _connections[connection].Flags &= ~ConnectionFlags.Queued;
            Visit(connection, direct: true);
        }
    }

    private void VisitSweep(Sweep sweep, Action<int> clearPending, long until)
    {
        for (var i = 0; !sweep.IsEmpty; i++)
        {
            if ((i & 31) == 31 && Stopwatch.GetTimestamp() > until)
            {
                return;
            }

            if (!sweep.InRound)
            {
                sweep.Begin(_feeds, clearPending);
            }

            if (sweep.TryTake(_connections, out var connection))
            {
                if ((_connections[connection].Flags & ConnectionFlags.Batch) == 0 || sweep == _critical || !AwaitOwn(connection))
                {
                    Visit(connection, direct: false);
                }
            }
            else
            {
                return; // The round is over: at most one a turn, so that the marks that came meanwhile are read.
            }
        }
    }
}
