using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Cli;

/// <summary>A WebSocket of <c>serve</c>, which writes to its socket itself: also where the socket takes only a part.</summary>
public sealed class SlowWebSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time: only a test that fails waits so long.

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Serve_SubscriberReadsLate_GetsEveryByteOnceAndInOrder()
    {
        const int Events = 4_000;
        var (hub, url) = await CommandProcess.ServeAsync("--urls", "http://127.0.0.1:0");
        await using var stopped = hub;
        using var handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };
        using var http = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder($"{url}/events?topic=a") { Scheme = "ws" }.Uri, http, Stop).WaitAsync(Patience, Stop);
        var buffer = new byte[64 * 1024];
        await ReceiveAsync(socket, buffer); // The opening message.
        var lines = string.Concat(Enumerable.Range(0, Events).Select(static i => $"{{\"topic\":\"a\",\"payload\":\"{PayloadOf(i)}\"}}\n"));
        Assert.Equal(0, (await CommandProcess.RunAsync(["publish", "--ndjson", "--hub", url], lines)).Code);

        for (var i = 0; i < Events;)
        {
            var message = JsonElement.Parse((await ReceiveAsync(socket, buffer).WaitAsync(Patience, Stop)).Span);
            if (message.TryGetProperty("topic", out _)) // Signals tell that it is slow.
            {
                Assert.Equal(PayloadOf(i++), message.GetProperty("payload").GetString());
            }
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Stop).WaitAsync(Patience, Stop);
        Assert.Equal("", hub.Error.ToString());
    }

    private static string PayloadOf(int number) => number.ToString(CultureInfo.InvariantCulture) + new string((char)('a' + (number % 26)), 900 + (number % 200));

    private static async Task<ReadOnlyMemory<byte>> ReceiveAsync(ClientWebSocket socket, byte[] buffer)
    {
        for (var length = 0; ;)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), Stop);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return buffer.AsMemory(0, length);
            }
        }
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
