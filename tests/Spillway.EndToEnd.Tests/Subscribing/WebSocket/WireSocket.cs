using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>A WebSocket byte by byte, over HTTP/1.1 or 2: it sends whatever a test says, and judges the hub's frames by the RFC.</summary>
internal sealed class WireSocket : IDisposable
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ=="; // RFC 6455, section 1.3
    private const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Stream _stream;
    private readonly Socket? _socket; // HTTP/1.1
    private readonly HttpClient? _client; // HTTP/2
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _length;

    private WireSocket(Stream stream, Socket? socket, HttpClient? client) => (_stream, _socket, _client) = (stream, socket, client);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Opens one.</summary>
    /// <param name="server">The hub.</param>
    /// <param name="http2">Over one stream of HTTP/2.</param>
    /// <param name="query">What it subscribes to.</param>
    /// <param name="behind">Bytes that follow the handshake without waiting for its answer.</param>
    /// <param name="readOpen">Whether to read the signal <c>open</c>.</param>
    /// <param name="more">A further line of the request's head, over HTTP/1.1.</param>
    public static async Task<WireSocket> OpenAsync(HubServer server, bool http2 = false, string query = "topic=a", byte[]? behind = null, bool readOpen = true, string? more = null)
    {
        var socket = http2 ? await Connect2Async(server, query) : await Connect1Async(server, query, behind ?? [], more);
        if (http2 && behind is not null)
        {
            await socket.SendAsync(behind);
        }

        if (readOpen)
        {
            Assert.StartsWith("{\"signal\":\"open\"", (await socket.ReadAsync()).ToString(), StringComparison.Ordinal);
        }

        return socket;
    }

    /// <summary>The lines of a request of HTTP/1.1.</summary>
    public static string Head(Uri address, string query, params string[] more) => string.Join(
        "\r\n", [$"GET /events?{query} HTTP/1.1", $"Host: {address.Authority}", "Upgrade: websocket", "Connection: Upgrade", $"Sec-WebSocket-Key: {Key}", "Sec-WebSocket-Version: 13", .. more, "", ""]);

    public Task SendAsync(params byte[][] frames) => SendAsync(frames.SelectMany(static frame => frame).ToArray(), oneByOne: false);

    /// <summary>Sends; what it cannot because the hub has closed is none of a test's business.</summary>
    public async Task SendAsync(byte[] bytes, bool oneByOne)
    {
        try
        {
            for (var at = 0; at < bytes.Length; at += oneByOne ? 1 : bytes.Length)
            {
                await _stream.WriteAsync(bytes.AsMemory(at, oneByOne ? 1 : bytes.Length), Token).AsTask().WaitAsync(Patience, Token);
                await _stream.FlushAsync(Token).WaitAsync(Patience, Token); // HTTP/2 collects what is written.
            }
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            // What it read says whether that was right.
        }
    }

    public Task SendTextAsync(string text) => SendAsync(ClientFrame.Of(ClientFrame.Text, Encoding.UTF8.GetBytes(text)));

    /// <summary>The next frame.</summary>
    public async Task<ServerFrame> ReadAsync() => await TryReadAsync() ?? throw new EndOfStreamException("The connection ended where a frame was expected.");

    /// <summary>The next frame; null: the end of the connection, which may be a reset.</summary>
    public async Task<ServerFrame?> TryReadAsync()
    {
        while (true)
        {
            if (TryTake(out var frame))
            {
                return frame;
            }

            int read;
            try
            {
                read = await _stream.ReadAsync(_buffer.AsMemory(_length), Token).AsTask().WaitAsync(Patience, Token);
            }
            catch (Exception fault) when (fault is IOException or HttpRequestException)
            {
                read = 0;
            }

            if (read == 0)
            {
                Assert.True(_length == 0, "The connection ended within a frame.");
                return null;
            }

            _length += read;
        }
    }

    /// <summary>The next answer, or event, whose text is JSON.</summary>
    public async Task<JsonElement> ReadJsonAsync() => JsonSerializer.Deserialize<JsonElement>((await ReadAsync()).Payload);

    /// <summary>Reads up to the hub's close frame, whose code it says; answers it, and reads the end of the connection.</summary>
    public async Task<int> ReadCloseAsync(bool answer = true)
    {
        while (true)
        {
            var frame = await ReadAsync();
            if (frame.Opcode != ClientFrame.Close)
            {
                continue;
            }

            if (answer)
            {
                await SendAsync(ClientFrame.CloseWith(frame.Code));
            }

            Assert.Null(await TryReadAsync()); // Nothing may follow.
            return frame.Code;
        }
    }

    /// <summary>Says that it sends nothing more, and goes on reading.</summary>
    public void HalfClose() => _socket!.Shutdown(SocketShutdown.Send);

    /// <summary>Ends it without a word.</summary>
    public void Reset()
    {
        if (_socket is not null)
        {
            _socket.LingerState = new LingerOption(true, 0);
        }

        Dispose();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket?.Dispose();
        _client?.Dispose();
    }

    private bool TryTake(out ServerFrame frame)
    {
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, _length);
        if (!ServerFrame.TryRead(ref bytes, out frame))
        {
            return false;
        }

        bytes.CopyTo(_buffer);
        _length = bytes.Length;
        return true;
    }

    private static async Task<WireSocket> Connect1Async(HubServer server, string query, byte[] behind, string? more)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Address.Host, server.Address.Port, Token);
        var wire = new WireSocket(new NetworkStream(socket, ownsSocket: true), socket, null);
        await wire.SendAsync([.. Encoding.ASCII.GetBytes(more is null ? Head(server.Address, query) : Head(server.Address, query, more)), .. behind], oneByOne: false);
        int end;
        while ((end = wire._buffer.AsSpan(0, wire._length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            var read = await wire._stream.ReadAsync(wire._buffer.AsMemory(wire._length), Token).AsTask().WaitAsync(Patience, Token);
            Assert.True(read > 0, "The connection ended within the handshake.");
            wire._length += read;
        }

        var head = Encoding.ASCII.GetString(wire._buffer, 0, end);
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains($"Sec-WebSocket-Accept: {Accept}", head, StringComparison.OrdinalIgnoreCase);
        wire._buffer.AsSpan(end + 4, wire._length - end - 4).CopyTo(wire._buffer);
        wire._length -= end + 4;
        return wire;
    }

    private static async Task<WireSocket> Connect2Async(HubServer server, string query)
    {
        var client = server.CreateHttp2Client();
        using var request = new HttpRequestMessage(HttpMethod.Connect, $"/events?{query}") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Protocol = "websocket";
        request.Headers.Add("Sec-WebSocket-Version", "13");
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).WaitAsync(Patience, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return new WireSocket(await response.Content.ReadAsStreamAsync(Token), null, client);
    }
}
