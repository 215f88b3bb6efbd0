using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spillway.Transports.Parked;

/// <summary>Listens for Kestrel at IP addresses, with sockets that can leave it. One I/O thread serves them all.</summary>
internal sealed class SocketTransport : IConnectionListenerFactory, IConnectionListenerFactorySelector, IAsyncDisposable, IDisposable
{
    private readonly SocketCalls _calls;
    private readonly TransportOptions _options;
    private readonly TimeSpan _peerTimeout;
    private readonly IMemoryPoolFactory<byte>? _pools;
    private readonly SocketMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private SocketHost? _host; // Its thread begins with the first address.

    public SocketTransport(SocketCalls calls, IOptions<SpillwayOptions> options, SocketMetrics metrics, ILogger<SocketTransport> logger, TimeProvider clock, IMemoryPoolFactory<byte>? pools = null)
    {
        (_calls, _options) = (calls, options.Value.Transports);
        _peerTimeout = options.Value.Sse.WriteStall > _options.PeerTimeout ? options.Value.Sse.WriteStall : _options.PeerTimeout; // Who may stall longer is not cut by the kernel before.
        (_metrics, _logger, _clock, _pools) = (metrics, logger, clock, pools);
    }

    /// <summary>False while connections wait in the kernel because descriptors run out.</summary>
    public bool IsAccepting => Volatile.Read(ref _host)?.Gate.IsAccepting ?? true;

    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var host = Start();
        var socket = ListenSocket.Bind((IPEndPoint)endpoint, _options, _peerTimeout);
        var listener = new SocketListener(socket, host);
        host.Io.Schedule(static state => ((SocketListener)state!).Listen(), listener);
        return new(listener);
    }

    public async ValueTask DisposeAsync()
    {
        if (Stop() is { } host)
        {
            await host.Io.StopAsync();
            host.Pool.Dispose();
        }
    }

    /// <summary>For hosts that are disposed of so.</summary>
    public void Dispose()
    {
        if (Stop() is { } host)
        {
            _ = host.Io.StopAsync(); // Nobody waits: the pool stays for what may still be under way.
        }
    }

    private SocketHost Start()
    {
        lock (_gate)
        {
            return _host ??= CreateHost();
        }
    }

    private SocketHost? Stop()
    {
        lock (_gate)
        {
            var host = _host;
            _host = null;
            return host;
        }
    }

    private SocketHost CreateHost()
    {
        var guard = new DescriptorGuard(_calls, _options.DescriptorLimit, _options.DescriptorReserve); // Before the thread begins: it may throw.
        var pool = _pools?.Create(new MemoryPoolOptions { Owner = "spillway" }) ?? MemoryPool<byte>.Shared;
        var io = new IoThread(_calls, _logger);
        return new SocketHost
        {
            Calls = _calls,
            Io = io,
            Pool = pool,
            Metrics = _metrics,
            Clock = _clock,
            Gate = new AcceptGate(io, _calls, guard, _metrics, _logger, _clock),
            HandOffTimeout = _options.HandOffTimeout,
            MostQueued = Math.Max(2, _options.Backlog / 4),
            Input = new PipeOptions(pool, PipeScheduler.ThreadPool, io, _options.UnreadBytes, _options.UnreadBytes / 2, useSynchronizationContext: false),
            Output = new PipeOptions(pool, PipeScheduler.Inline, PipeScheduler.ThreadPool, _options.UnwrittenBytes, _options.UnwrittenBytes / 2, useSynchronizationContext: false),
        };
    }
}
