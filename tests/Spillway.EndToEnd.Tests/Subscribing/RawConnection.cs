using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>HTTP/1.x byte by byte: what is on the wire, not what a client makes of it.</summary>
internal sealed class RawConnection : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _at;
    private int _length;

    public SseReader Reader { get; } = new();

    /// <param name="address">Where to.</param>
    /// <param name="receiveBuffer">What the system takes unread; null: as it likes.</param>
    public static async Task<RawConnection> ConnectAsync(Uri address, int? receiveBuffer = null)
    {
        var connection = new RawConnection();
        if (receiveBuffer is { } bytes)
        {
            connection._socket.ReceiveBufferSize = bytes;
        }

        await connection._socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return connection;
    }

    /// <summary>Sends lines of a head; the empty line behind them is added.</summary>
    public Task SendAsync(params string[] lines) => SendBytesAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", [.. lines, "", ""])));

    public async Task SendBytesAsync(byte[] bytes) => await _socket.SendAsync(bytes, SocketFlags.None, TestContext.Current.CancellationToken);

    /// <summary>The lines of a response's head.</summary>
    public async Task<string[]> ReadHeadAsync()
    {
        var lines = new List<string>();
        string line;
        while ((line = await ReadLineAsync()).Length > 0)
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    /// <summary>One chunk (RFC 9112, section 7.1), checked to its last byte; empty: the last one.</summary>
    public async Task<byte[]> ReadChunkAsync()
    {
        var line = await ReadLineAsync();
        var chunk = new byte[int.Parse(line, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)];
        for (var i = 0; i < chunk.Length; i++)
        {
            chunk[i] = await ReadByteAsync() ?? throw new EndOfStreamException("The connection ended within a chunk.");
        }

        Assert.Equal("", await ReadLineAsync());
        return chunk;
    }

    /// <summary>Reads chunks until they have given an event.</summary>
    public async Task<IReadOnlyList<SseEvent>> ReadEventsAsync()
    {
        while (true)
        {
            var chunk = await ReadChunkAsync();
            if (chunk.Length == 0)
            {
                throw new EndOfStreamException("The stream ended where an event was expected.");
            }

            if (Reader.Feed(chunk) is { Count: > 0 } events)
            {
                return events;
            }
        }
    }

    /// <summary>Everything up to the connection's end, which must be a proper one.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var bytes = new List<byte>();
        while (await ReadByteAsync() is { } next)
        {
            bytes.Add(next);
        }

        return Encoding.UTF8.GetString([.. bytes]);
    }

    public async Task<byte[]> ReadBytesAsync(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++)
        {
            bytes[i] = await ReadByteAsync() ?? throw new EndOfStreamException($"The connection ended after {i} of {count} bytes.");
        }

        return bytes;
    }

    /// <summary>Reads until enough has come.</summary>
    public async Task<string> ReadUntilAsync(string ending)
    {
        var text = new StringBuilder();
        while (!text.ToString().EndsWith(ending, StringComparison.Ordinal))
        {
            text.Append((char)(await ReadByteAsync() ?? throw new EndOfStreamException($"The connection ended after: {text}")));
        }

        return text.ToString();
    }

    /// <summary>Says that it sends nothing more, and goes on reading.</summary>
    public void HalfClose() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        byte? next;
        while ((next = await ReadByteAsync()) is not ((byte)'\n' or null))
        {
            line.Append((char)next);
        }

        Assert.True(next is not null && line.Length > 0 && line[^1] == '\r', $"Not a line of HTTP: \"{line}\".");
        return line.ToString(0, line.Length - 1);
    }

    private async ValueTask<byte?> ReadByteAsync()
    {
        if (_at == _length)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(Patience);
            (_at, _length) = (0, await _socket.ReceiveAsync(_buffer, SocketFlags.None, patience.Token));
            if (_length == 0)
            {
                return null;
            }
        }

        return _buffer[_at++];
    }
}
