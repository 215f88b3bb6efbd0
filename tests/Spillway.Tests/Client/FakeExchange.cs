using System.Net.Sockets;
using System.Text;
using Spillway.Client;
using Spillway.Client.WebSockets;

namespace Spillway.Tests.Client;

/// <summary>One connection of a <see cref="FakeHub"/>, in the transport that the client asks for. When the act returns, the connection is closed.</summary>
internal sealed class FakeExchange(FakeRequest request, Socket socket, Stream stream, CancellationToken cancellationToken)
{
    private bool _isPollAnswered;
    private bool _isCut;

    public FakeRequest Request { get; } = request;

    /// <summary>The polls that came on this connection behind <see cref="Request"/>.</summary>
    public List<FakeRequest> Polls { get; } = [];

    public CancellationToken Stopped { get; } = cancellationToken;

    private Transport Transport { get; } = request.Headers.ContainsKey("Upgrade") ? Transport.WebSocket
        : request.Headers.GetValueOrDefault("Accept") == "application/json" ? Transport.LongPolling
        : Transport.Sse;

    /// <summary>Writes bytes as they are.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes bytes as they are.</summary>
    public Task SendAsync(byte[] bytes) => stream.WriteAsync(bytes, Stopped).AsTask();

    /// <summary>The head of a stream whose end is the connection's end.</summary>
    public Task BeginStreamAsync() => SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");

    /// <summary>Turns the connection into a WebSocket.</summary>
    public Task UpgradeAsync(string protocol = Handshake.Binary, string? accept = null) => SendAsync(
        $"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept ?? Handshake.Accept(Request.Headers["Sec-WebSocket-Key"])}\r\n"
        + (protocol.Length == 0 ? "\r\n" : $"Sec-WebSocket-Protocol: {protocol}\r\n\r\n"));

    /// <summary>The answer's head and the opening.</summary>
    public async Task OpenAsync(string cursor, double keepAlive = 15, int retry = 1_000, string members = "", string protocol = Handshake.Binary)
    {
        var opening = FormattableString.Invariant($"\"connection\":\"c-{cursor}\",\"keepAlive\":{keepAlive},\"protocol\":1,\"retry\":{retry}{members}");
        switch (Transport)
        {
            case Transport.WebSocket:
                await UpgradeAsync(protocol);
                await SendAsync(FakeFrames.WriteText($"{{\"signal\":\"open\",\"id\":\"{cursor}\",{opening}}}"));
                break;
            case Transport.LongPolling:
                await AnswerPollAsync("", cursor);
                break;
            default:
                await BeginStreamAsync();
                await SendAsync($"retry: {retry}\nid: {cursor}\nevent: spillway-open\ndata: {{{opening}}}\n\n");
                break;
        }
    }

    /// <summary>An event with a text payload.</summary>
    public async Task EventAsync(string id, string payload = "x", string topic = "a")
    {
        switch (Transport)
        {
            case Transport.WebSocket:
                await SendAsync(FakeFrames.Write(FakeFrames.Binary, FakeFrames.WriteEvent(id, Encoding.UTF8.GetBytes(payload), topic, contentType: "text/plain")));
                break;
            case Transport.LongPolling:
                await AnswerPollAsync($"{{\"id\":\"{id}\",{Event(payload, topic)}}}", id.Split('.')[0]);
                break;
            default:
                await SendAsync($"id: {id}\ndata: {{{Event(payload, topic)}}}\n\n");
                break;
        }
    }

    /// <summary>A signal; members in JSON, without the braces.</summary>
    public async Task SignalAsync(string name, string id, string members = "")
    {
        switch (Transport)
        {
            case Transport.WebSocket:
                await SendAsync(FakeFrames.WriteText(Signal(name, id, members)));
                break;
            case Transport.LongPolling:
                await AnswerPollAsync(Signal(name, id, members), id);
                break;
            default:
                await SendAsync($"{(id.Length == 0 ? "" : $"id: {id}\n")}event: spillway-{name}\ndata: {{{members}}}\n\n");
                break;
        }
    }

    /// <summary>Begins an event, and leaves it there.</summary>
    public async Task BeginEventAsync(string id)
    {
        switch (Transport)
        {
            case Transport.WebSocket:
                await SendAsync(FakeFrames.Write(FakeFrames.Binary, FakeFrames.WriteEvent(id, new byte[100]))[..60]);
                break;
            case Transport.LongPolling:
                await ReadPollAsync();
                _isCut = true;
                await SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{\"entries\":[{{\"id\":\"{id}\",\"topic\":\"a\",\"payl");
                break;
            default:
                await SendAsync($"id: {id}\ndata: {{\"topic\":\"a\",\"payl");
                break;
        }
    }

    /// <summary>Answers the client's next poll.</summary>
    public async Task AnswerPollAsync(string entries, string cursor, string members = "")
    {
        await ReadPollAsync();
        var body = $"{{\"entries\":[{entries}],\"cursor\":\"{cursor}\"{members}}}";
        await SendAsync($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
    }

    /// <summary>Waits until the client polls. The first time that is the request that opened the connection.</summary>
    public async Task ReadPollAsync()
    {
        if (_isPollAnswered)
        {
            Polls.Add(await FakeRequest.ReadHeadAsync(stream, Stopped));
        }

        _isPollAnswered = true;
    }

    /// <summary>A whole answer.</summary>
    public Task AnswerAsync(string status, string body = "", string headers = "", string contentType = "application/json") =>
        SendAsync($"HTTP/1.1 {status}\r\nContent-Type: {contentType}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}");

    /// <summary>An answer as RFC 9457 has it.</summary>
    public Task ProblemAsync(string status, string name, string detail, string headers = "") => AnswerAsync(
        status, $"{{\"type\":\"urn:spillway:problem:{name}\",\"title\":\"t\",\"status\":{status[..3]},\"detail\":\"{detail}\"}}", headers, "application/problem+json");

    /// <summary>The client's next frame.</summary>
    public Task<(byte Opcode, byte[] Payload)> ReadFrameAsync() => FakeFrames.ReadAsync(stream, Stopped);

    /// <summary>Cuts the connection without a farewell: the client gets a reset.</summary>
    public void Reset() => socket.Close(0);

    /// <summary>Ends what the connection sends.</summary>
    public void Leave() => socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection as a hub does that has nothing more to say. A poll is not left without an answer: the client's handler would send it again by itself.</summary>
    public async Task FinishAsync()
    {
        if (Transport == Transport.LongPolling && _isPollAnswered && !_isCut && socket.Connected)
        {
            try
            {
                await BeginEventAsync("1-cut");
            }
            catch (IOException)
            {
                // The client has gone.
            }
        }
    }

    /// <summary>Returns once the client has closed the connection.</summary>
    public async Task UntilClosedAsync()
    {
        var bytes = new byte[256];
        try
        {
            while (await stream.ReadAsync(bytes, Stopped) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is a way to close too.
        }
    }

    private static string Signal(string name, string id, string members) =>
        $"{{\"signal\":\"{name}\"{(id.Length == 0 ? "" : $",\"id\":\"{id}\"")}{(members.Length == 0 ? "" : "," + members)}}}";

    private static string Event(string payload, string topic) =>
        $"\"topic\":\"{topic}\",\"time\":\"2026-01-31T08:00:00.123Z\",\"contentType\":\"text/plain\",\"payload\":\"{payload}\"";
}
