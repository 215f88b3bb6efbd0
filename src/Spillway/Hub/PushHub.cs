using Microsoft.Extensions.Logging;
using Spillway.Backplane;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;

namespace Spillway.Hub;

/// <summary>One node's hub: the dispatcher, the window, and the loops that serve connections from it.</summary>
internal sealed partial class PushHub : ISubscriptions, IRetryDelays, IEventSink, IAsyncDisposable
{
    /// <summary>The most loops (<see cref="DeliveryOptions.Loops"/>): a strand has one bit for each, and so has a connection's id.</summary>
    public const int MaxLoops = ConnectionId.MaxLoops;

    private readonly SpillwayOptions _options;
    private readonly IHistory _history;
    private readonly IConnectionHost _host;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Window _window;
    private readonly StrandTable _strands;
    private readonly Replayer _replayer;
    private readonly DeliveryLoop[] _loops;
    private readonly Thread[] _threads;
    private readonly long[] _endedEarly = new long[Enum.GetValues<CloseReason>().Length];
    private int _connections;
    private int _leaving; // Connections when the drain began: the last ones told come back among all of them.
    private long _refused;
    private int _disposed;
    private int _state; // 0 new, 1 running, 2 stopped

    public PushHub(
        SpillwayOptions options, RuleBook rules, IHistory history, IEnumerable<IWireEncoder> encoders, IConnectionHost host, TimeProvider clock, ILogger logger,
        CursorCodec? cursors = null)
    {
        (_options, _history, _host, _clock, _logger) = (options, history, host, clock, logger);
        Cursors = cursors ?? CursorCodec.Plain;
        var byFormat = encoders.OrderBy(static encoder => encoder.Format).ToArray();
        var loops = CountLoops(options);
        var pins = new PinTable(loops);
        var (birth, newest) = ReadNewest();
        _window = new Window(options.Delivery.WindowEvents, options.Delivery.WindowBytes, birth, pins);
        _strands = new StrandTable(options.Limits, loops);
        Dispatcher = new Dispatcher(_window, _strands, rules, byFormat, history);
        _replayer = new Replayer(history, _window, rules, byFormat, options.Delivery, options.Limits, clock, logger);
        var context = new LoopContext(
            _window, _strands, pins, rules, _replayer, byFormat, options, history.Epoch, Dispatcher.Release, this, clock, logger)
        {
            Cursors = Cursors,
        };
        _loops = [.. Enumerable.Range(0, loops).Select(i => new DeliveryLoop(i, context, host.CreateSink, host.CreateWaiter(i)))];
        _threads = [.. _loops.Select(static loop => new Thread(loop.Run) { IsBackground = true, Name = $"spillway-loop-{loop.Index}" })];
        Dispatcher.Attach(_loops);
        foreach (var records in newest)
        {
            Dispatcher.Accept(records.Span); // Before anybody connects.
        }
    }

    public Dispatcher Dispatcher { get; }

    /// <summary>What makes text of positions for who publishes and subscribes, and reads it.</summary>
    public CursorCodec Cursors { get; }

    /// <summary>For readers inside the process.</summary>
    public PublishSignal Published { get; } = new();

    public Window Window => _window;

    public IReadOnlyList<DeliveryLoop> Loops => _loops;

    public Replayer Replayer => _replayer;

    /// <summary>Those that are being opened.</summary>
    public ComingConnections Coming { get; } = new();

    public int StrandCount => _strands.Count;

    /// <summary>Subscriptions registered and not ended.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Subscriptions refused at a limit.</summary>
    public long Refused => Volatile.Read(ref _refused);

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>How many loops a hub has.</summary>
    public static int CountLoops(SpillwayOptions options) => options.Delivery.Loops > 0 ? options.Delivery.Loops : Math.Min(MaxLoops, Environment.ProcessorCount);

    public void Start()
    {
        StartedAt = _clock.GetUtcNow();
        _state = 1;
        foreach (var thread in _threads)
        {
            thread.Start();
        }
    }

    public void Accept(ReadOnlySpan<byte> records)
    {
        Dispatcher.Accept(records);
        Published.Raise();
    }

    public ValueTask<Subscription?> SubscribeAsync(SubscriptionRequest request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<Subscription?>(cancellationToken);
        }

        var subscription = Subscribe(request);
        if (subscription is null)
        {
            Interlocked.Increment(ref _refused);
        }

        return ValueTask.FromResult<Subscription?>(subscription);
    }

    public byte RetryMagnitude => (byte)Math.Floor(Math.Log2(RetrySpread) * IRetryDelays.StepsOfADoubling);

    // Within what an EventSource's delay, and an int, can hold.
    private double RetrySpread => Math.Clamp(Math.Max(Connections, Volatile.Read(ref _leaving)) * 1_000d / _options.Sse.AcceptRate, 4_000, int.MaxValue - 1_000);

    public int NextRetryMilliseconds() => 1_000 + (int)(Random.Shared.NextDouble() * RetrySpread);

    /// <summary>A subscription that no loop will have gives its strands back.</summary>
    public void Release(Adoption adoption, int loop)
    {
        Coming.Remove(adoption.Id);
        Dispatcher.Release(adoption.Strands, loop);
    }

    /// <summary>Connections that ended before their loop had them: no loop counts them.</summary>
    public long CountEndedEarly(CloseReason reason) => Volatile.Read(ref _endedEarly[(int)reason]);

    /// <summary>One more of them.</summary>
    public void EndedEarly(CloseReason reason) => Interlocked.Increment(ref _endedEarly[(int)reason]);

    /// <summary>A subscription has ended.</summary>
    public void Forget(WireFormat format)
    {
        Dispatcher.UseFormat(format, -1);
        Interlocked.Decrement(ref _connections);
    }

    /// <summary>
    /// Ends all connections kindly within the grace period, then the loops: in slices, no faster than connections may come back to whoever is next, but within half of that period; the other
    /// half is for those that take their last bytes slowly.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _state, 2) != 1)
        {
            return;
        }

        Published.Stop();
        _leaving = Connections;
        var slices = TimeSpan.FromSeconds(Math.Min((double)_leaving / _options.Sse.AcceptRate, _options.GracePeriod.TotalSeconds / 2));
        Post(LoopCommandKind.Drain, slices > DeliveryLoop.SliceEvery ? slices : TimeSpan.Zero);
        var began = _clock.GetTimestamp();
        while (Connections > 0 && _clock.GetElapsedTime(began) < _options.GracePeriod && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), _clock, CancellationToken.None);
        }

        if (Connections > 0)
        {
            GraceExceeded(_logger, Connections);
        }

        var ended = _clock.GetTimestamp();
        while (_loops.Sum(static loop => loop.Unclosed) > 0 && _clock.GetElapsedTime(ended) < _options.Transports.StopLinger && _clock.GetElapsedTime(began) < _options.GracePeriod && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), _clock, CancellationToken.None);
        }

        Post(LoopCommandKind.Stop);
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return; // A container disposes what it knows under two types twice.
        }

        await StopAsync(CancellationToken.None);
        _replayer.Dispose();
        Dispatcher.Close();
        foreach (var loop in _loops)
        {
            loop.Dispose();
        }

        _strands.Dispose();
        _window.Dispose();
    }

    /// <summary>Looks at the leases of all connections: some were taken back. Any thread; soon.</summary>
    public void ReviewLeases() => Post(LoopCommandKind.Review);

    private HubSubscription? Subscribe(SubscriptionRequest request)
    {
        if (Interlocked.Increment(ref _connections) > _options.Limits.Connections || Volatile.Read(ref _state) != 1)
        {
            Interlocked.Decrement(ref _connections); // Counted first: a hub that stops either sees this connection or is seen by it.
            return null;
        }

        Dispatcher.UseFormat(request.Format, 1);
        if (request.Latest)
        {
            Dispatcher.Conflate();
        }

        var loop = _loops[Random.Shared.Next(_loops.Length)]; // In turn, what ids say of loops would tell a client whether others came in between.
        var resolved = Dispatcher.Resolve(request.Selectors, loop.Index);
        if (resolved is null)
        {
            Forget(request.Format);
            return null;
        }

        try
        {
            var start = FindStart(request, resolved);
            var adoption = new Adoption(
                resolved.Strands, request.Selectors.Patterns.Count == 0, resolved.Birth, resolved.Head, resolved.HeadOffset, start.Resume.Offset, start.Live, start.SnapshotUpTo,
                start.Lost, request.Format, request.Signals)
            {
                Id = ConnectionId.Next(loop.Index),
                Lease = request.Lease,
                Latest = request.Latest,
                Poll = request.Poll,
                Batch = (int)Math.Ceiling(request.Batch.GetValueOrDefault().TotalMilliseconds),
            };
            Coming.Add(adoption.Id);
            return new HubSubscription(this, _host, loop, adoption, start.Resume, start.NothingFollows, request.Cursors ?? Cursors);
        }
        catch
        {
            Dispatcher.Release(resolved.Strands, loop.Index);
            Forget(request.Format);
            throw;
        }
    }

    private void Post(LoopCommandKind kind, object? argument = null)
    {
        foreach (var loop in _loops)
        {
            loop.Post(new LoopCommand(kind, Argument: argument));
        }
    }
}
