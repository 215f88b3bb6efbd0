using System.Net.WebSockets;
using System.Threading.Channels;

namespace KestrelWebSocketPeer;

/// <summary>One connection: a loop that sends what is in its queue, and one that waits for the client to close.</summary>
internal static class Subscriber
{
    private static readonly byte[] Ignored = new byte[256]; // Of all connections: nobody looks at what clients say.

    public static async Task RunAsync(WebSocket socket, Channel<byte[]> queue)
    {
        var reading = ReadAsync(socket, queue.Writer);
        try
        {
            await foreach (var encoded in queue.Reader.ReadAllAsync())
            {
                // No token: with one, every frame would take the slower way through the framework.
                await socket.SendAsync(encoded, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
        catch (WebSocketException)
        {
            socket.Abort(); // The subscriber went away.
        }

        await reading;
    }

    /// <summary>Reads until the client closes, or is gone; then the queue ends.</summary>
    private static async Task ReadAsync(WebSocket socket, ChannelWriter<byte[]> queue)
    {
        try
        {
            while ((await socket.ReceiveAsync(Ignored.AsMemory(), CancellationToken.None)).MessageType != WebSocketMessageType.Close)
            {
                // Whatever it said.
            }
        }
        catch (WebSocketException)
        {
            // The subscriber went away.
        }

        queue.TryComplete();
    }
}
