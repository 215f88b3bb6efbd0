using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Spillway.EndToEnd.Tests.Subscribing.WebSocket;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>One client that comes, does what its seed says, and leaves in one of the ways that there are.</summary>
internal sealed partial class ChurnClient : IDisposable
{
    private const int Addresses = 200; // Each has its own ports.

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60); // Real time: only a test that fails waits so long.

    private readonly Uri _hub;
    private readonly Random _random;
    private readonly bool _isWebSocket;
    private readonly byte[] _buffer = new byte[4 * 1024];
    private Socket _socket;

    private ChurnClient(Uri hub, int seed)
    {
        (_hub, _random) = (hub, new Random(seed));
        _isWebSocket = _random.Next(2) == 0;
        _socket = Create();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Lives its life; of one that stalls: to the point from which on it reads nothing, and returns the rest.</summary>
    public static async Task<Func<Task>?> RunAsync(Uri hub, int seed)
    {
        var client = new ChurnClient(hub, seed);
        if (await client.LiveAsync())
        {
            return client.ResumeAsync;
        }

        client.Dispose();
        return null;
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> LiveAsync()
    {
        await _socket.ConnectAsync(_hub.Host, _hub.Port, Stop);
        var head = Head("");
        var what = _random.Next(10);
        await SendAsync(what == 0 ? head[.._random.Next(head.Length)] : head);
        switch (what)
        {
            case 0 or 1:
                break; // It leaves at once.
            case 2:
                return true; // It reads nothing for a while.
            case 3:
                await ReadUntilAsync(static text => text.Length > 0);
                break;
            case 4 when _isWebSocket:
                await ReadUntilAsync(static text => text.Contains("\"open\"", StringComparison.Ordinal));
                await SendAsync(ClientFrame.Of(ClientFrame.Text, "{\"command\":\"subscribe\",\"topics\":[\"b\"]}"u8));
                await ReadUntilAsync(static text => text.Contains("\"reply\"", StringComparison.Ordinal));
                break;
            case 5 when _isWebSocket:
                await SendAsync(RandomFrames.Next(_random, 300));
                break;
            case 6 when !_isWebSocket:
                await SendAsync(new byte[_random.Next(100_000)]);
                break;
            case 7:
                await ReturnAsync();
                break;
            default:
                await ReadUntilAsync(static text => text.Contains("xxx", StringComparison.Ordinal));
                break;
        }

        await LeaveAsync();
        return false;
    }

    private async Task ResumeAsync()
    {
        if (_random.Next(2) == 0)
        {
            await ReadUntilAsync(static text => text.Length > 20_000);
        }

        await LeaveAsync();
        Dispose();
    }

    /// <summary>It breaks off, and comes back with the cursor of what it has read.</summary>
    private async Task ReturnAsync()
    {
        var text = await ReadUntilAsync(static text => text.Contains("xxx", StringComparison.Ordinal));
        Reset();
        if (Cursor().Match(text) is { Success: true } cursor)
        {
            _socket = Create();
            await _socket.ConnectAsync(_hub.Host, _hub.Port, Stop);
            await SendAsync(Head("&cursor=" + cursor.Groups[1].Value));
            await ReadUntilAsync(static text => text.Contains("xxx", StringComparison.Ordinal));
        }
    }

    private async Task LeaveAsync()
    {
        var how = _random.Next(4);
        if (how == 0)
        {
            Reset();
        }

        if (how <= 1)
        {
            return; // It closes with bytes unread, perhaps.
        }

        if (how == 2 && _isWebSocket)
        {
            await SendAsync(ClientFrame.CloseWith(1000));
        }

        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            return; // The hub was first.
        }

        await ReadUntilAsync(static _ => false);
    }

    private Socket Create()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveBufferSize = 8 * 1024 };
        socket.Bind(new IPEndPoint(IPAddress.Parse($"127.0.0.{1 + _random.Next(Addresses)}"), 0));
        return socket;
    }

    private byte[] Head(string more) => Encoding.ASCII.GetBytes(_isWebSocket
        ? WireSocket.Head(_hub, "topic=a" + more)
        : $"GET /events?topic=a{more} HTTP/1.{_random.Next(2)}\r\nHost: {_hub.Authority}\r\n\r\n");

    private void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    private async Task SendAsync(byte[] bytes)
    {
        try
        {
            await _socket.SendAsync(bytes, Stop).AsTask().WaitAsync(Patience, Stop);
        }
        catch (SocketException)
        {
            // The hub has ended it.
        }
    }

    /// <summary>Reads until there is enough, or the end.</summary>
    private async Task<string> ReadUntilAsync(Predicate<string> isEnough)
    {
        var text = "";
        try
        {
            while (!isEnough(text) && await _socket.ReceiveAsync(_buffer, Stop).AsTask().WaitAsync(Patience, Stop) is > 0 and var read)
            {
                text = (text.Length > 40_000 ? text[^1_000..] : text) + Encoding.Latin1.GetString(_buffer, 0, read);
            }
        }
        catch (SocketException)
        {
            // The same, by a reset.
        }

        return text;
    }

    [GeneratedRegex("(?:\nid: |\"id\":\")([\\w.~-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Cursor();
}
