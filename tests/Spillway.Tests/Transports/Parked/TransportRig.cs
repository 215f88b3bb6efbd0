using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Spillway.TestKit;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>The transport without Kestrel: a test holds both ends of a connection.</summary>
internal sealed class TransportRig : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private TransportRig(SocketCalls calls, SocketTransport transport, IConnectionListener listener, LogCollector logs, MetricCollector metrics)
    {
        (Calls, Transport, Listener, Logs, Metrics) = (calls, transport, listener, logs, metrics);
    }

    public SocketCalls Calls { get; }

    public SocketTransport Transport { get; }

    public IConnectionListener Listener { get; }

    public LogCollector Logs { get; }

    public MetricCollector Metrics { get; }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<TransportRig> StartAsync(
        SocketKind sockets = SocketKind.Native, Action<TransportOptions>? configure = null, TimeProvider? clock = null, IPAddress? address = null, TimeSpan? writeStall = null)
    {
        var (calls, logs, metrics) = (sockets.Create(), new LogCollector(), new MetricCollector());
        var options = new SpillwayOptions();
        configure?.Invoke(options.Transports);
        options.Sse.WriteStall = writeStall ?? options.Sse.WriteStall;
        var transport = new SocketTransport(calls, Options.Create(options), new SocketMetrics(metrics), logs.For<SocketTransport>(), clock ?? TimeProvider.System);
        return new TransportRig(calls, transport, await transport.BindAsync(new IPEndPoint(address ?? IPAddress.Loopback, 0), Token), logs, metrics);
    }

    /// <summary>A client of the listener; not yet accepted, perhaps.</summary>
    public async Task<Socket> DialAsync(int receiveBuffer = 0)
    {
        var client = new Socket(Listener.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            client.ReceiveBufferSize = receiveBuffer;
        }

        var endpoint = (IPEndPoint)Listener.EndPoint;
        await client.ConnectAsync(endpoint.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : endpoint.Address, endpoint.Port, Token);
        return client;
    }

    public async Task<ConnectionContext> AcceptAsync() => await Listener.AcceptAsync(Token).AsTask().WaitAsync(Patience, Token) ?? throw new InvalidOperationException("The listener has ended.");

    /// <summary>A connection's two ends.</summary>
    public async Task<(ConnectionContext Connection, Socket Client)> ConnectAsync(int receiveBuffer = 0)
    {
        var client = await DialAsync(receiveBuffer);
        return (await AcceptAsync(), client);
    }

    /// <summary>Returns once something that the I/O thread does is so.</summary>
    public static async Task WaitAsync(Func<bool> isSo, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, $"It did not come to be so: {what}.");
            await timer.WaitForNextTickAsync(Token);
        }
    }

    /// <summary>Everything until the server ends the connection.</summary>
    public static async Task<byte[]> ReadToEndAsync(Socket client)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await client.ReceiveAsync(buffer, SocketFlags.None, Token).AsTask().WaitAsync(Patience, Token)) > 0)
        {
            await all.WriteAsync(buffer.AsMemory(0, read), Token);
        }

        return all.ToArray();
    }

    public static async Task<byte[]> ReadAsync(Socket client, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await client.ReceiveAsync(bytes.AsMemory(at), SocketFlags.None, Token).AsTask().WaitAsync(Patience, Token);
            Assert.NotEqual(0, read);
            at += read;
        }

        return bytes;
    }

    /// <summary>Whether the kernel takes nothing from the client: it has been full for some looks in a row.</summary>
    public static bool IsSettled(Socket client)
    {
        for (var look = 0; look < 20; look++)
        {
            if (client.Poll(TimeSpan.FromMilliseconds(5), SelectMode.SelectWrite))
            {
                return false;
            }
        }

        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await Listener.DisposeAsync();
        await Transport.DisposeAsync();
        Metrics.Dispose();
        Assert.Equal(0, Calls.OpenSockets());
        Assert.Empty(Logs.Errors);
    }
}
