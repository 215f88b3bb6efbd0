using System.Net.WebSockets;
using Spillway.Client.Http;
using Spillway.Client.Subscribing;

namespace Spillway.Client.WebSockets;

/// <summary>One WebSocket. It receives only when it is read: a reader that takes its time fills the connection, not the memory.</summary>
internal sealed class WebSocketConnection(HttpClient http, HttpRequestMessage request, SpillwayClientOptions options, int maxEventBytes, CancellationToken cancellationToken)
    : HubConnection(options, cancellationToken)
{
    // Pings are answered while somebody reads; a reader that takes its time would look dead to the hub. So pongs go out unasked, too, as RFC 6455 allows in section 5.5.3:
    // more often than any hub pings that keeps the default or a longer time (15 s).
    private static readonly TimeSpan PongInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1); // What is left of a connection that nobody reads is not worth more.

    private HttpResponseMessage? _response;
    private WebSocket? _socket;
    private MessageReader? _messages;
    private ReceiptSender? _receipts;
    private long? _retry;

    public override long? Retry => _retry;

    protected override async ValueTask ConnectAsync()
    {
        _response = await HubSender.SendAsync(http, request, Options, Watch.Token).ConfigureAwait(false);
        if (!await IsAcceptedAsync(_response, 101).ConfigureAwait(false))
        {
            return;
        }

        var protocol = Handshake.Check(request, _response);
        var stream = await _response.Content.ReadAsStreamAsync(Watch.Token).ConfigureAwait(false);
        _socket = WebSocket.CreateFromStream(
            new WatchedStream(stream, Watch.Restart), new WebSocketCreationOptions { SubProtocol = protocol, KeepAliveInterval = PongInterval });
        _messages = new MessageReader(_socket, maxEventBytes);
        _receipts = new ReceiptSender(_socket, Options.TimeProvider);
    }

    protected override async ValueTask<Arrival?> NextAsync()
    {
        await _receipts!.SendAsync(Watch.Token).ConfigureAwait(false);
        while (true)
        {
            var type = await _messages!.ReadAsync(Watch.Token).ConfigureAwait(false);
            if (type == WebSocketMessageType.Close)
            {
                await EndAsync(_socket!).ConfigureAwait(false);
                return null;
            }

            if (Take(type) is { } arrival)
            {
                _receipts.Note(arrival);
                return arrival;
            }
        }
    }

    protected override async ValueTask LeaveAsync()
    {
        if (_socket is { State: WebSocketState.Open } socket)
        {
            try
            {
                using var limit = new CancellationTokenSource(Farewell, Options.TimeProvider);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                // It broke meanwhile: the hub notices by itself.
            }
        }

        _socket?.Dispose();
        _response?.Dispose();
        request.Dispose();
    }

    private Arrival? Take(WebSocketMessageType type)
    {
        var message = _messages!.Message;
        if (type == WebSocketMessageType.Text)
        {
            return MessageHead.Read(message, !_messages.IsOversized);
        }

        if (!BinaryEvent.IsEvent(message.Span))
        {
            return null;
        }

        var id = BinaryEvent.ReadId(message.Span);
        return _messages.IsOversized ? new Arrival(ArrivalKind.Oversized, id, default) : new Arrival(ArrivalKind.BinaryEvent, id, message);
    }

    /// <summary>Answers the hub's close frame with the same code, and notes what it says.</summary>
    private async ValueTask EndAsync(WebSocket socket)
    {
        var code = socket.CloseStatus ?? WebSocketCloseStatus.Empty;
        var reason = socket.CloseStatusDescription ?? "";
        try
        {
            await socket.CloseOutputAsync(code, null, Watch.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is WebSocketException or IOException or OperationCanceledException)
        {
            // The hub did not wait for the answer; what it said is known.
        }

        _retry = CloseCode.ReadRetry(reason) ?? _retry;
        End = CloseCode.Explain((int)code, reason);
    }
}
