using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>.NET's own client, over HTTP/1.1 by an upgrade and over HTTP/2 by RFC 8441.</summary>
internal sealed class WebSocketSubscriber(TransportCase @case, HttpMessageHandler handler) : TransportSubscriber(@case)
{
    private readonly HttpMessageInvoker _invoker = new(handler);
    private readonly ClientWebSocket _socket = new();
    private readonly ArrayBufferWriter<byte> _message = new();

    public override void Cut()
    {
        _socket.Abort();
        _socket.Dispose();
        _invoker.Dispose();
    }

    /// <summary>Sends a command, whose answer comes among the signals.</summary>
    public Task SendAsync(string command) => _socket.SendAsync(Encoding.UTF8.GetBytes(command), WebSocketMessageType.Text, endOfMessage: true, Token);

    protected override async Task ConnectAsync(Uri hub, string path, string? lastEventId)
    {
        _socket.Options.HttpVersion = Case.HttpVersion;
        _socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        _socket.Options.KeepAliveInterval = TimeSpan.Zero; // Pings are the hub's.
        _socket.Options.CollectHttpResponseDetails = true;
        _socket.Options.AddSubProtocol(Case.Subprotocol);
        if (lastEventId is not null)
        {
            _socket.Options.SetRequestHeader("Last-Event-ID", lastEventId);
        }

        await _socket.ConnectAsync(new UriBuilder(new Uri(hub, path)) { Scheme = hub.Scheme == Uri.UriSchemeHttps ? "wss" : "ws" }.Uri, _invoker, Token);
        Status = _socket.HttpStatusCode;
        Assert.Equal(Case.Subprotocol, _socket.SubProtocol);
    }

    protected override async Task<StreamItem?> ReadAsync()
    {
        while (await ReadMessageAsync() is { } type)
        {
            if (type == WebSocketMessageType.Binary)
            {
                Assert.Equal(Transport.WebSocketBinary, Case.Transport);
                return EventItem.FromBinary(_message.WrittenSpan);
            }

            var item = FromJson(JsonElement.Parse(_message.WrittenSpan));
            Assert.True(item is SignalItem || Case.Transport == Transport.WebSocketJson);
            Retry = (item as SignalItem)?.Number("retry") ?? Retry;
            if (item is not SignalItem { Name: "retry" }) // That is a line without a block in an event stream.
            {
                return item;
            }
        }

        return null;
    }

    private async Task<WebSocketMessageType?> ReadMessageAsync()
    {
        _message.ResetWrittenCount();
        try
        {
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(_message.GetMemory(4096), Token);
                _message.Advance(part.Count);
            }
            while (!part.EndOfMessage);

            if (part.MessageType != WebSocketMessageType.Close)
            {
                return part.MessageType;
            }

            CloseFrame = ((int)_socket.CloseStatus!, _socket.CloseStatusDescription ?? "");
            await _socket.CloseOutputAsync(_socket.CloseStatus.Value, null, Token);
            return null;
        }
        catch (WebSocketException fault)
        {
            throw new IOException("The WebSocket was cut.", fault);
        }
    }
}
