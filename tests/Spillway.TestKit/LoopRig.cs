using System.Buffers;
using System.Text;
using Spillway.Backplane;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.Mercure;
using Spillway.Transports.Polling;
using Spillway.Transports.Sse;
using Spillway.Transports.WebSocket;

namespace Spillway.TestKit;

/// <summary>One loop without a thread: a test decides between which two steps of it something else happens.</summary>
internal sealed class LoopRig : IRetryDelays, IDisposable
{
    public const int WindowEvents = 16;

    private readonly PinTable _pins = new(1);
    private readonly StrandTable _strands;
    private readonly RuleBook _rules;
    private int _subscribed;
    private uint _ephemeral;

    public LoopRig(SpillwayOptions? options = null, HistoryLimits? limits = null, ILoopWaiter? waiter = null, CursorCodec? cursors = null)
    {
        Encoder = new HookEncoder(new SseRawEncoder(cursors));
        Options = options ?? new SpillwayOptions();
        if (options is null)
        {
            Options.Delivery.WindowEvents = WindowEvents;
            Options.Delivery.WindowBytes = 64 * 1024;
        }

        _rules = new RuleBook(Options.Rules);
        var logger = Logs.For<DeliveryLoop>();
        History = new SegmentedHistory(limits ?? HistoryLimits.From(Options.History), new MemoryStore(), Clock, logger, new HistoryMetrics(null));
        SseEncoder[] sse = [new SseJsonEncoder(cursors), new SseMercureEncoder(new MercureCursors(cursors ?? CursorCodec.Plain, new Lazy<IBackplane>(() => new FixedBackplane(History))))];
        IWireEncoder[] encoders = [Encoder, sse[0], new WebSocketJsonEncoder(cursors), new WebSocketBinaryEncoder(cursors), new PollEncoder(cursors), new ChunkedSseEncoder(new SseRawEncoder(cursors)), new ChunkedSseEncoder(sse[0]), sse[1], new ChunkedSseEncoder(sse[1])];
        Window = new Window(Options.Delivery.WindowEvents, Options.Delivery.WindowBytes, 0, _pins);
        _strands = new StrandTable(Options.Limits, 1);
        Dispatcher = new Dispatcher(Window, _strands, _rules, encoders, History);
        Dispatcher.UseFormat(WireFormat.SseRaw, 1);
        Replayer = new Replayer(History, Window, _rules, encoders, Options.Delivery, Options.Limits, Clock, logger);
        var context = new LoopContext(
            Window, _strands, _pins, _rules, Replayer, encoders, Options, History.Epoch, Dispatcher.Release, this, Clock, logger)
        {
            Cursors = cursors ?? CursorCodec.Plain,
        };
        Loop = new DeliveryLoop(0, context, loop => Sink = new FaultySink(loop, 1, 0), waiter ?? new SemaphoreWaiter());
        Dispatcher.Attach([Loop]);
    }

    public ManualTimeProvider Clock { get; } = new();

    public LogCollector Logs { get; } = new();

    public HookEncoder Encoder { get; }

    public SpillwayOptions Options { get; }

    public SegmentedHistory History { get; }

    public Window Window { get; }

    public Dispatcher Dispatcher { get; }

    public Replayer Replayer { get; }

    public DeliveryLoop Loop { get; }

    public FaultySink Sink { get; private set; } = null!; // Made by the loop's constructor.

    /// <summary>What those get who subscribe from now on.</summary>
    public WireFormat Format
    {
        get;
        set
        {
            field = value;
            Dispatcher.UseFormat(value, 1);
        }
    }

    public int StrandCount => _strands.Count - 1; // Without the overflow strand.

    /// <summary>How many subscriptions hold a strand.</summary>
    public int References(int strand) => _strands[strand].References;

    public byte RetryMagnitude { get; set; } = 72; // As a hub's with few connections.

    public int NextRetryMilliseconds() => 1_234;

    /// <summary>Publishes events as one batch; their payloads are numbers that go up, unless they have one.</summary>
    public void Publish(params PushEvent[] events)
    {
        var all = new ArrayBufferWriter<byte>();
        foreach (var source in events)
        {
            var rule = _rules.Current.For(source.Topic);
            var ephemeral = !rule.History && !source.Final;
            _ephemeral = ephemeral ? _ephemeral + 1 : 0;
            var record = Records.Make(
                source, ephemeral ? History.Head : History.NextOffset, Clock.GetUtcNow().ToUnixTimeMilliseconds(), ephemeral ? EventFlags.Ephemeral : EventFlags.None, _ephemeral, rule);
            if (!ephemeral)
            {
                History.Append(record);
            }

            all.Write(record);
        }

        Dispatcher.Accept(all.WrittenSpan);
    }

    public void Publish(string topic, params string[] payloads)
    {
        foreach (var payload in payloads)
        {
            Publish(new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload) });
        }
    }

    /// <summary>Publishes as many events as push everything older out of the window.</summary>
    public void Flood(string topic = "flood")
    {
        for (var i = 0; i <= Options.Delivery.WindowEvents; i++)
        {
            Publish(topic, $"{topic}{i}");
        }
    }

    /// <summary>Publishes a hundred numbered events to b.</summary>
    public void PublishMany() => Publish("b", [.. Enumerable.Range(0, 100).Select(static i => $"{i}")]);

    /// <summary>Subscribes after an offset, or from now on, and lets the loop adopt the connection with its next turn.</summary>
    public TestConnection Subscribe(SelectorSet selectors, long? after = null, bool signals = true, bool latest = false, TimeSpan? batch = null) =>
        Adopt(selectors, Dispatcher.Resolve(selectors, 0)!, after, signals, latest, batch);

    /// <summary>Subscribes from a snapshot on.</summary>
    public TestConnection SubscribeToSnapshot(SelectorSet selectors, bool signals = true, bool latest = false, TimeSpan? batch = null)
    {
        var resolved = Dispatcher.Resolve(selectors, 0)!;
        return resolved.HeadOffset <= History.Tail // As PushHub.FindStart.
            ? Adopt(selectors, resolved, null, signals, latest, batch) : Adopt(selectors, resolved, History.Tail, signals, latest, batch, resolved.HeadOffset);
    }

    /// <summary>Polls after an offset, or for a snapshot.</summary>
    public TestConnection Ask(SelectorSet selectors, Poll poll, long after, bool signals = true, TimeSpan? batch = null, bool snapshot = false)
    {
        var resolved = Dispatcher.Resolve(selectors, 0)!;
        return Adopt(selectors, resolved, after, signals, latest: false, batch, snapshot ? resolved.HeadOffset : 0, poll);
    }

    public TestConnection Subscribe(params string[] selectors) => Subscribe(Selectors.Of(selectors));

    /// <summary>Subscribes from now on in a format that has pings.</summary>
    public TestConnection SubscribeByWebSocket(params string[] selectors) =>
        Adopt(Selectors.Of(selectors), Dispatcher.Resolve(Selectors.Of(selectors), 0)!, format: WireFormat.WebSocketJson);

    public TestConnection Adopt(
        SelectorSet selectors, ResolvedStrands resolved, long? after = null, bool signals = true, bool latest = false, TimeSpan? batch = null, long snapshotUpTo = 0, Poll? poll = null,
        WireFormat? format = null, Lease? lease = null)
    {
        var connection = new TestConnection();
        connection.Owner = new TestOwner(Loop, Sink, connection);
        var offset = after ?? resolved.HeadOffset;
        Loop.Post(new LoopCommand(LoopCommandKind.Adopt, Argument: new Adoption(
            resolved.Strands, selectors.Patterns.Count == 0, resolved.Birth, resolved.Head, resolved.HeadOffset, offset, Live: offset == resolved.HeadOffset, snapshotUpTo, null,
            poll is null ? format ?? Format : WireFormat.Poll, signals)
        {
            Id = connection.Id = (ulong)++_subscribed << 8,
            Lease = lease,
            Poll = poll,
            Latest = latest,
            Batch = (int)batch.GetValueOrDefault().TotalMilliseconds,
            Owner = connection.Owner,
        }));
        return connection;
    }

    /// <summary>A lease until so many minutes from now.</summary>
    public TestLease In(double minutes) => new(Clock.GetUtcNow().AddMinutes(minutes));

    /// <summary>Subscribes from now on, on some terms.</summary>
    public TestConnection Hold(Lease lease, WireFormat format, bool signals, params string[] selectors) =>
        Adopt(Selectors.Of(selectors), Dispatcher.Resolve(Selectors.Of(selectors), 0)!, signals: signals, format: format, lease: lease);

    /// <summary>Puts a set in the place of a connection's, as HubSubscription.ChangeAsync; what it is told holds <paramref name="name"/> and the position.</summary>
    public Task<AskOutcome> ChangeAsync(TestConnection connection, SelectorSet selectors, string name = "changed", Lease? before = null, Lease? lease = null)
    {
        var resolved = Dispatcher.Resolve(selectors, 0)!;
        return connection.Owner!.AskAsync(new ConnectionAsk(connection.Owner)
        {
            Strands = resolved.Strands,
            ExactOnly = selectors.Patterns.Count == 0,
            Birth = resolved.Birth,
            OldLease = before,
            NewLease = lease,
            Answer = position => Encoding.ASCII.GetBytes($"event: changed\ndata: {name} {position}\n\n"),
        });
    }

    /// <summary>Turns until nothing is left to do, pages of history included.</summary>
    public void Settle() => TurnUntil(() => !Loop.Turn() && Replayer is { Waiting: 0, PagesInFlight: 0 } && !Loop.Turn(), "everything to be done");

    /// <summary>One turn, and as many of the pages of history that it asked for as may be made, on this thread: nothing is left to chance. For rigs without readers. True if there is more to do.</summary>
    public bool Turn()
    {
        Loop.Turn();
        IsReplaying = true;
        while (Replayer.TryServe())
        {
        }

        IsReplaying = false;
        return Loop.HasWork;
    }

    /// <summary>Whether <see cref="Turn"/> is making pages.</summary>
    public bool IsReplaying { get; private set; }

    /// <summary>Waits for the replayer, without a turn of the loop.</summary>
    public void WaitForPage(long pages) => TurnUntil(() => Replayer.PagesRead >= pages, "a page of history");

    /// <summary>The connection takes bytes again.</summary>
    public void Release(TestConnection connection, int room = int.MaxValue)
    {
        (connection.Room, connection.Stalled) = (room, false);
        Sink.Resume();
    }

    /// <summary>Moves the clock and makes a turn, as often as told.</summary>
    public void Advance(TimeSpan by, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            Clock.Advance(by);
            Loop.Turn();
        }
    }

    public void Dispose()
    {
        Replayer.Dispose();
        Dispatcher.Close();
        Loop.Dispose();
        _strands.Dispose();
        Window.Dispose();
        History.Dispose();
    }

    private static void TurnUntil(Func<bool> isDone, string what)
    {
        var deadline = Environment.TickCount64 + 20_000;
        while (!isDone())
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new TimeoutException($"Waited 20 s for {what}.");
            }

            Thread.Yield();
        }
    }
}
