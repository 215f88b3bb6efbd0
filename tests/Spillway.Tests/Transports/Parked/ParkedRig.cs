using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>A hub whose connections are parked from the beginning: real sockets, without a web server.</summary>
internal sealed class ParkedRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20); // Real time: only a test that fails waits so long.

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly LoggerFactory _loggers;
    private readonly int _listening;

    public ParkedRig(
        SocketKind sockets = SocketKind.Native, Action<SpillwayOptions>? change = null, int receiveBytes = 0, ILogger<ParkedTransport>? logger = null, Action<SpillwayOptions>? changeTransport = null)
    {
        var options = new SpillwayOptions();
        options.Delivery.Loops = 1;
        change?.Invoke(options);
        (Calls, ReceiveBytes) = (sockets.Create(), receiveBytes);
        _loggers = new LoggerFactory([Logs], new LoggerFilterOptions { MinLevel = LogLevel.Debug });
        var own = options;
        if (changeTransport is not null)
        {
            own = new SpillwayOptions();
            own.Delivery.Loops = 1;
            changeTransport(own);
        }

        Hub = new HubHarness(options, host: clock => Transport = new ParkedTransport(
            Calls, Options.Create(own), clock, new TransportMetrics(Metrics), new HubMetrics(Metrics), new AccessJournal(Metrics, _loggers.CreateLogger<AccessJournal>()), logger ?? _loggers.CreateLogger<ParkedTransport>()));
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.SendBufferSize = 16 * 1024;
        _listener.Blocking = false;
        _listener.Listen();
        _listening = Calls.Track(_listener);
    }

    public SocketCalls Calls { get; }

    public LogCollector Logs { get; } = new();

    public MetricCollector Metrics { get; } = new();

    public ParkedTransport Transport { get; private set; } = null!; // Made by the hub's making.

    public HubHarness Hub { get; }

    public DeliveryLoop Loop => Hub.Hub.Loops[0];

    /// <summary>The receive buffer of clients; 0: the system's.</summary>
    private int ReceiveBytes { get; }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A client, and its accepted end.</summary>
    public async Task<(Socket Client, int Descriptor)> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (ReceiveBytes > 0)
        {
            client.ReceiveBufferSize = ReceiveBytes;
        }

        await client.ConnectAsync(_listener.LocalEndPoint!, Stop);
        var descriptor = Calls.Accept(_listening, out _);
        if (descriptor == -SocketCalls.Again)
        {
            await UntilAsync(() => (descriptor = Calls.Accept(_listening, out _)) != -SocketCalls.Again, "a connection");
        }

        Assert.True(descriptor >= 0, $"Accepting answered {descriptor}.");
        return (client, descriptor);
    }

    /// <summary>A client that is subscribed, its connection parked.</summary>
    public async Task<Socket> ParkAsync(SubscriptionRequest request, bool isChunked = true, ParkedWebSocket? webSocket = null, string early = "")
    {
        var (client, descriptor) = await ConnectAsync();
        var before = Transport.Count;
        Transport.Prepare(await SubscribeAsync(request), isChunked, webSocket).Adopt(descriptor, Encoding.Latin1.GetBytes(early));
        await UntilAsync(() => Transport.Count > before, "adoption");
        return client;
    }

    public async Task<Subscription> SubscribeAsync(SubscriptionRequest request) =>
        await Hub.Hub.SubscribeAsync(request, Stop) ?? throw new InvalidOperationException("The hub refused the subscription.");

    /// <summary>Waits for something that the loop's thread does.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!Stop.IsCancellationRequested)
            {
                Assert.Fail($"Waited {Patience} for: {what}.");
            }
        }
    }

    /// <summary>Reads until what was read satisfies a test.</summary>
    public static async Task<string> ReadUntilAsync(Socket client, Predicate<string> isEnough)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4_096]);
        while (!isEnough(text.ToString()))
        {
            var read = await client.ReceiveAsync(buffer, Stop).AsTask().WaitAsync(Patience, Stop);
            if (read == 0)
            {
                Assert.Fail($"The connection ended after: {text}");
            }

            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    /// <summary>Reads to the end of what the hub sends.</summary>
    public static async Task<string> ReadToEndAsync(Socket client)
    {
        var (text, buffer) = (new StringBuilder(), new byte[4_096]);
        while (await client.ReceiveAsync(buffer, Stop).AsTask().WaitAsync(Patience, Stop) is > 0 and var read)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    /// <summary>Ends the first connection, as its own end would.</summary>
    public Task<AskOutcome> EndAsync(CloseReason reason) => EndFirstAsync(reason, 1);

    /// <summary>Ends the connection that has the first number in this generation.</summary>
    public Task<AskOutcome> EndFirstAsync(CloseReason reason, int generation) => new LiveSubscription(Hub.Hub.Dispatcher, Loop, new FixedPlace(0, generation)).EndAsync(null, reason);

    public long ClosedFor(CloseReason reason) => Volatile.Read(ref Loop.Counters.Closed[(int)reason]);

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Calls.Forget(_listening);
        _listener.Dispose();
        _loggers.Dispose();
        Metrics.Dispose();
        Assert.Equal(0, Calls.OpenSockets());
        Assert.Empty(Logs.Errors);
    }
}
