using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Spillway.EndToEnd.Tests.Subscribing.WebSocket;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>A hub that stops with many clients parked: each that reads is told its end, the last chunk or a close frame, also one that was far behind, and one that came in between.</summary>
public sealed partial class ShutdownTests
{
    private const int SocketBytes = 16 * 1024;
    private const int Events = 40; // To those that are stalled: more than the two kernels, and a backlog, hold.
    private const int EventBytes = 8 * 1024;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(25);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [OwnSockets]
    public async Task Stop_ManyAreParkedAndSomeStalled_EachReadsItsEndWithinTheGracePeriod(HostSockets sockets)
    {
        const int OfEachKind = 1_000;
        const int Stalled = 100; // Of each kind, until the hub stops.
        await using var server = await StartAsync(sockets);
        var clients = new List<(Socket Socket, bool IsStalled, bool WebSocket)>();
        for (var i = 0; i < 2 * OfEachKind; i++)
        {
            var isStalled = i < 2 * Stalled;
            clients.Add((await ConnectAsync(server.Address, webSocket: i % 2 == 0, isStalled ? "topic=stalled" : "topic=a", isStalled ? 4 * 1024 : null), isStalled, i % 2 == 0));
        }

        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") == 2 * OfEachKind);
        for (var i = 0; i < Events; i++)
        {
            await server.PublishAsync("stalled", $"{i} ".PadRight(EventBytes, '.'));
        }

        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.delivery.stalls") >= 2 * Stalled);
        var began = TimeProvider.System.GetTimestamp();
        var stopping = server.StopAsync();
        var answers = await Task.WhenAll(clients.Select(static client => ReadToEndAsync(client.Socket)));
        await stopping;

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, Grace);
        foreach (var (client, answer) in clients.Zip(answers))
        {
            AssertEnded(answer, client.WebSocket);
            if (client.IsStalled)
            {
                Assert.Contains($"{Events - 1} ...", answer.Text, StringComparison.Ordinal); // What it was owed came first.
            }
        }

        Assert.Equal(2 * OfEachKind, server.Metrics.Sum("spillway.delivery.closed_connections", "shutdown"));
        Assert.Equal(0, server.Metrics.Sum("spillway.transports.parked_connections"));
    }

    [Theory]
    [OwnSockets]
    public async Task Stop_WhileRequestsAreHandedOver_EachIsAnsweredWholeOrNotAtAll(HostSockets sockets)
    {
        const int AtOnce = 16;
        const int MostOfOne = 300;
        const int Before = 800; // Parked, when the hub begins to stop.
        await using var server = await StartAsync(sockets);
        var arriving = Enumerable.Range(0, AtOnce).Select(one => Task.Run(() => ArriveAsync(server.Address, one, MostOfOne), Token)).ToList();
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") >= Before);

        await server.StopAsync();

        var answers = (await Task.WhenAll(arriving)).SelectMany(static all => all).ToList();
        Assert.InRange(answers.Count(static answer => answer.Answer.Text.Length > 0), Before, int.MaxValue);
        foreach (var (answer, webSocket) in answers)
        {
            if (answer.Text.StartsWith("HTTP/1.1 503 ", StringComparison.Ordinal) || ComeBack().IsMatch(answer.Text))
            {
                Assert.False(answer.IsReset, answer.Text);
            }
            else if (answer.Text.Length > 0)
            {
                AssertEnded(answer, webSocket);
            }
        }

        Assert.Equal(0, server.Metrics.Sum("spillway.transports.parked_connections"));
        Assert.Equal(0, server.Metrics.Sum("spillway.transports.served_sockets"));
    }

    /// <summary>The hub's last frame: 1012, and when to come back.</summary>
    [GeneratedRegex("\"signal\":\"drain\".*\u0088[\u0000-\u007d]\u0003\u00f4shutdown; retry=[0-9]+$", RegexOptions.Singleline)]
    private static partial Regex CloseFrame();

    /// <summary>The last signal and the last chunk.</summary>
    [GeneratedRegex("event: spillway-drain\n.*\n\n\r\n0\r\n\r\n$", RegexOptions.Singleline)]
    private static partial Regex LastChunk();

    /// <summary>What an EventSource is told that comes too late.</summary>
    [GeneratedRegex("^HTTP/1.1 200 OK\r\n.*\r\n\r\n[0-9a-f]+\r\nretry: [0-9]+\n\n\r\n0\r\n\r\n$", RegexOptions.Singleline)]
    private static partial Regex ComeBack();

    private static void AssertEnded((string Text, bool IsReset) answer, bool webSocket)
    {
        var end = answer.Text[Math.Max(0, answer.Text.Length - 400)..];
        Assert.False(answer.IsReset, $"Reset behind: {end}");
        Assert.True((webSocket ? CloseFrame() : LastChunk()).IsMatch(end), $"{answer.Text.Length} bytes, at their end: {end}");
    }

    private static Task<HubServer> StartAsync(HostSockets sockets) => HubServer.StartAsync(
        static options =>
        {
            (options.Transports.UnwrittenBytes, options.Transports.UnacknowledgedBytes) = (SocketBytes, SocketBytes);
            options.Sse.KeepAlive = TimeSpan.FromHours(1);
            (options.GracePeriod, options.WebSocket.ReceiptShare) = (Grace, 0);
        },
        sockets: sockets);

    /// <summary>Clients one behind the other, each of which stays, until nobody takes any more.</summary>
    private static async Task<List<((string Text, bool IsReset) Answer, bool WebSocket)>> ArriveAsync(Uri address, int first, int most)
    {
        var reading = new List<(Task<(string, bool)> Answer, bool WebSocket)>();
        try
        {
            for (var i = first; i < first + most; i++)
            {
                reading.Add((ReadToEndAsync(await ConnectAsync(address, webSocket: i % 2 == 0, "topic=a")), i % 2 == 0));
            }
        }
        catch (SocketException)
        {
            // Refused, or cut before it has asked: the hub has stopped.
        }

        var answers = await Task.WhenAll(reading.Select(static one => one.Answer));
        return [.. answers.Zip(reading, static (answer, one) => (answer, one.WebSocket))];
    }

    private static async Task<Socket> ConnectAsync(Uri address, bool webSocket, string query, int? receiveBuffer = null)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            client.ReceiveBufferSize = receiveBuffer ?? client.ReceiveBufferSize;
            await client.ConnectAsync(address.Host, address.Port, Token);
            var head = webSocket ? WireSocket.Head(address, query) : string.Join("\r\n", [.. WatchedHub.Request(address, query: query), "", ""]);
            await client.SendAsync(Encoding.ASCII.GetBytes(head), Token);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>All bytes, one a character, and whether the end was none. The client leaves then.</summary>
    private static async Task<(string Text, bool IsReset)> ReadToEndAsync(Socket client)
    {
        using var _ = client;
        var (text, buffer, isReset) = (new StringBuilder(), new byte[8 * 1024], false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(60)); // Real time: only a test that fails waits so long.
        try
        {
            while (await client.ReceiveAsync(buffer, patience.Token) is > 0 and var read)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (SocketException)
        {
            isReset = true;
        }

        return (text.ToString(), isReset);
    }
}
