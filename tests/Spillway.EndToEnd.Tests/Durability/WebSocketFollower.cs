using System.Net.WebSockets;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Durability;

/// <summary>Follows by WebSocket, in JSON.</summary>
internal sealed class WebSocketFollower(string url) : RawFollower
{
    private readonly byte[] _buffer = new byte[64 * 1024];

    /// <summary>With what its connections were closed.</summary>
    public List<WebSocketCloseStatus> Closes { get; } = [];

    protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        var query = Cursor is { } cursor ? $"&cursor={cursor}" : "";
        await socket.ConnectAsync(new UriBuilder($"{url}/events?pattern=kill/**{query}") { Scheme = "ws" }.Uri, cancellationToken);
        while (await ReceiveAsync(socket, cancellationToken) is { } message)
        {
            var json = JsonElement.Parse(message.Span);
            var id = json.TryGetProperty("id", out var found) ? found.GetString() : null;
            if (json.TryGetProperty("signal", out var signal))
            {
                TakeSignal(signal.GetString()!, id);
            }
            else
            {
                Take(id, json.GetProperty("payload").GetString()!);
            }
        }

        Closes.Add(socket.CloseStatus!.Value);
        await socket.CloseOutputAsync(socket.CloseStatus.Value, null, cancellationToken);
    }

    private async Task<ReadOnlyMemory<byte>?> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(_buffer.AsMemory(length), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += part.Count;
            if (part.EndOfMessage)
            {
                return _buffer.AsMemory(0, length);
            }
        }
    }
}
