using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
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

/// <summary>A hub with its history in memory, with sinks that fail on purpose, and a publisher that orders events under one lock.</summary>
internal sealed class HubHarness : IConnectionHost, IAsyncDisposable
{
    private readonly ConcurrentDictionary<DeliveryLoop, FaultySink> _sinks = new();
    private static readonly Pipe NoOutput = new();

    private readonly AsyncLocal<TestConnection?> _next = new(); // Which connection the subscription's RunAsync is for.
    private readonly Lock _order = new();
    private readonly RuleBook _rules;
    private readonly int _seed;
    private readonly double _faultRate;
    private uint _ephemeral;
    private bool _healed;

    public HubHarness(SpillwayOptions options, int seed = 1, double faultRate = 0, HistoryLimits? limits = null, ISegmentStore? store = null, Func<TimeProvider, IConnectionHost>? host = null,
        CursorCodec? cursors = null)
    {
        (_seed, _faultRate) = (seed, faultRate);
        Options = options;
        History = new SegmentedHistory(
            limits ?? HistoryLimits.From(options.History), store ?? new MemoryStore(), Clock, NullLogger.Instance, new HistoryMetrics(null));
        _rules = new RuleBook(options.Rules);
        Hub = new PushHub(options, _rules, History, Encoders(cursors, History), host?.Invoke(Clock) ?? this, Clock, NullLogger.Instance, cursors);
        Hub.Start();
    }

    public ManualTimeProvider Clock { get; } = new();

    public SpillwayOptions Options { get; }

    public RuleBook Rules => _rules;

    public SegmentedHistory History { get; }

    public PushHub Hub { get; }

    public IEnumerable<FaultySink> Sinks => _sinks.Values;

    public ILoopWaiter CreateWaiter(int index) => new SemaphoreWaiter();

    public IConnectionSink CreateSink(DeliveryLoop loop) =>
        _sinks.GetOrAdd(loop, created => new FaultySink(created, _seed + created.Index, _faultRate));

    public IRunningConnection Run(DeliveryLoop loop, Adoption adoption, PipeWriter output, CancellationToken aborted)
    {
        var connection = _next.Value!;
        var owner = new TestOwner(loop, _sinks[loop], connection);
        adoption.Owner = owner;
        loop.Post(new LoopCommand(LoopCommandKind.Adopt, Argument: adoption));
        return owner;
    }

    /// <summary>Publishes events in one batch, in their order; says the position of the last.</summary>
    public (long Offset, uint Ephemeral) Publish(params PushEvent[] events)
    {
        lock (_order)
        {
            var all = new ArrayBufferWriter<byte>();
            var last = (Offset: History.Head, Ephemeral: 0u);
            foreach (var source in events)
            {
                var rule = _rules.Current.For(source.Topic);
                var ephemeral = !rule.History;
                var record = new ArrayBufferWriter<byte>();
                EventRecordWriter.Write(source, ephemeral ? EventFlags.Ephemeral : EventFlags.None, record, rule);
                var bytes = record.WrittenSpan.ToArray();
                _ephemeral = ephemeral ? _ephemeral + 1 : 0;
                last = (ephemeral ? History.Head : History.NextOffset, _ephemeral);
                EventRecordWriter.Stamp(bytes, last.Offset, Clock.GetUtcNow().ToUnixTimeMilliseconds(), _ephemeral);
                if (!ephemeral)
                {
                    History.Append(bytes);
                }

                all.Write(bytes);
            }

            Hub.Accept(all.WrittenSpan);
            return last;
        }
    }

    public (long Offset, uint Ephemeral) Publish(string topic, string payload) =>
        Publish(new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload) });

    /// <summary>Subscribes and has a loop adopt the connection.</summary>
    public async Task<(Subscription Subscription, TestConnection Connection)> ConnectAsync(SubscriptionRequest request)
    {
        var subscription = await Hub.SubscribeAsync(request, CancellationToken.None)
            ?? throw new InvalidOperationException("The hub refused the subscription.");
        return (subscription, Run(subscription));
    }

    /// <summary>Hands a subscription to its loop.</summary>
    public TestConnection Run(Subscription subscription)
    {
        var connection = new TestConnection();
        _next.Value = connection;
        connection.Running = FinishAsync(subscription);
        return connection;
    }

    private static IWireEncoder[] Encoders(CursorCodec? cursors, IHistory history)
    {
        var mercure = new SseMercureEncoder(new MercureCursors(cursors ?? CursorCodec.Plain, new Lazy<IBackplane>(() => new FixedBackplane(history))));
        var (raw, json) = (new SseRawEncoder(cursors), new SseJsonEncoder(cursors));
        return [raw, json, new WebSocketJsonEncoder(cursors), new WebSocketBinaryEncoder(cursors), new PollEncoder(cursors), new ChunkedSseEncoder(raw), new ChunkedSseEncoder(json), mercure, new ChunkedSseEncoder(mercure)];
    }

    private static async Task<CloseReason> FinishAsync(Subscription subscription)
    {
        using (subscription)
        {
            return await subscription.RunAsync(NoOutput.Writer, CancellationToken.None);
        }
    }

    /// <summary>Connections take everything from now on.</summary>
    public void Heal()
    {
        _healed = true;
        foreach (var sink in Sinks)
        {
            sink.Heal();
        }
    }

    /// <summary>Lets stopped connections go on; while not healed, some of them.</summary>
    public void Resume()
    {
        foreach (var sink in Sinks)
        {
            sink.Resume();
        }
    }

    /// <summary>Waits for a condition, bounded, while stopped connections go on.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + 20_000;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new TimeoutException($"Waited 20 s for: {what} (healed: {_healed}).");
            }

            Resume();
            await Task.Yield();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Heal();
        Options.GracePeriod = TimeSpan.Zero;
        await Hub.DisposeAsync();
        History.Dispose();
    }
}
