using System.Net.Sockets;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing.WebSocket;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.Parked;

/// <summary>Clients that take little or nothing, or take their time.</summary>
public sealed class SlowClientTests
{
    private const int SocketBytes = 16 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>They never read, as those that have vanished do not: to the hub both are the same, a socket that takes no more.</summary>
    [Theory]
    [OwnSockets(false)]
    [OwnSockets(true)]
    public async Task Clients_NeverRead_AreGivenLittleAndCut(HostSockets sockets, bool webSocket)
    {
        const int Clients = 20;
        var clock = new ForwardClock();
        await using var hub = await StartAsync(sockets, clock);
        var stalled = new List<RawConnection>();
        for (var i = 0; i < Clients; i++)
        {
            stalled.Add(await SubscribeAsync(hub, webSocket));
        }

        await hub.Server.WaitForConnectionsAsync(Clients + 1);
        await hub.PublishAsync(events: 200, bytes: 8 * 1024);
        Assert.InRange(hub.Count("spillway.delivery.written_bytes"), 1, (200 * 9 * 1024) + (Clients * 64 * 1024)); // The sibling's, and what the two kernels hold of each.
        await CutAllAsync(hub, clock, "write-timeout", Clients);

        foreach (var client in stalled)
        {
            await Assert.ThrowsAnyAsync<SocketException>(client.ReadToEndAsync); // No end that looks proper.
            client.Dispose();
        }

        await hub.EndAsync();
    }

    /// <summary>So little that the window of its system does not open: it is one that takes nothing. Were it to open, the client would have been given more, and lose nothing.</summary>
    [Theory]
    [OwnSockets]
    public async Task Client_ReadsOneByteASecond_IsCutOrServed(HostSockets sockets)
    {
        var clock = new ForwardClock();
        await using var hub = await StartAsync(sockets, clock);
        using var client = await SubscribeAsync(hub, webSocket: false);
        await hub.Server.WaitForConnectionsAsync(2);
        await hub.PublishAsync(events: 200, bytes: 8 * 1024);

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var seconds = 0; hub.Closed("write-timeout") == 0; seconds++)
        {
            Assert.InRange(seconds, 0, 3_000);
            await client.ReadBytesAsync(1);
            clock.Forward(TimeSpan.FromSeconds(1));
            await timer.WaitForNextTickAsync(Token);
        }

        await Assert.ThrowsAnyAsync<SocketException>(client.ReadToEndAsync);
        await hub.EndAsync();
    }

    /// <summary>Its answers have nowhere to go: nothing further is read from it, and it is cut.</summary>
    [Theory]
    [OwnSockets]
    public async Task WebSocket_AsksAndNeverReads_IsHeldBackAndCut(HostSockets sockets)
    {
        var clock = new ForwardClock();
        await using var hub = await StartAsync(sockets, clock, static options => options.WebSocket.MessagesPerSecond = 10_000);
        using var client = await SubscribeAsync(hub, webSocket: true);
        await hub.Server.WaitForConnectionsAsync(2);
        var ping = ClientFrame.Of(ClientFrame.Ping, new byte[125]);
        var pings = Enumerable.Repeat(ping, 64 * 1024 * 1024 / ping.Length).SelectMany(static frame => frame).ToArray(); // More than the systems of both ends hold.
        var sending = client.SendBytesAsync(pings);
        await HubServer.WaitAsync(() => hub.Server.Metrics.Sum("spillway.delivery.stalls") > 0 || sending.IsCompleted);

        Assert.False(sending.IsCompleted, "The hub has read all, and answered none.");
        await hub.PublishAsync();
        await CutAllAsync(hub, clock, "write-timeout", 1);
        await Assert.ThrowsAnyAsync<SocketException>(() => sending);
        await hub.EndAsync();
    }

    [Theory]
    [OwnSockets]
    public async Task WebSocket_VanishesWithoutAWord_IsTakenForDead(HostSockets sockets)
    {
        var clock = new ForwardClock();
        await using var hub = await StartAsync(sockets, clock);
        const int Clients = 10;
        var silent = new List<RawConnection>();
        for (var i = 0; i < Clients; i++)
        {
            silent.Add(await SubscribeAsync(hub, webSocket: true));
        }

        await hub.Server.WaitForConnectionsAsync(Clients + 1);
        await HubServer.WaitAsync(() =>
        {
            clock.Forward(TimeSpan.FromMinutes(30)); // Two spans, of an hour each, and what they are spread by.
            return hub.Closed("pong-timeout") == Clients;
        });

        silent.ForEach(static client => client.Dispose());
        await hub.EndAsync();
    }

    [Theory]
    [OwnSockets("GET /events?topic=a HTTP/1.1\r\nHost: localhost\r\n")]
    [OwnSockets("GET /events?topic=a HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")]
    [OwnSockets("GET /eve")]
    [OwnSockets("")]
    public async Task Head_ThatTakesTooLong_IsGivenUp(HostSockets sockets, string beginning)
    {
        await using var hub = await WatchedHub.StartAsync(sockets, kestrel: static kestrel =>
        {
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(2);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(2); // Of a client that sends nothing at all.
        });
        const int Clients = 50;
        var slow = new List<RawConnection>();
        for (var i = 0; i < Clients; i++)
        {
            slow.Add(await RawConnection.ConnectAsync(hub.Server.Address));
            await slow[i].SendBytesAsync(Encoding.ASCII.GetBytes(beginning));
        }

        await HubServer.WaitAsync(() => hub.Count("spillway.transports.served_sockets") == Clients);
        var drip = beginning.EndsWith(' ') ? Task.WhenAll(slow.Select(DripAsync)) : Task.CompletedTask;
        await hub.PublishAsync(10);
        foreach (var client in slow)
        {
            var answer = await WatchedHub.ReadAllAsync(client);
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        }

        await drip;
        slow.ForEach(static client => client.Dispose());
        await hub.EndAsync();
        Assert.Equal(Clients, hub.GivenUp(beginning.Length == 0 ? "keep_alive_timeout" : "request_headers_timeout"));
    }

    [Theory]
    [OwnSockets("GET /events?topic=a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "414", "invalid_request_line")]
    [OwnSockets("GET /events?topic=a HTTP/1.1\r\nHost: localhost\r\nX-Long: ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "431", "max_request_headers_total_size_exceeded")]
    [OwnSockets("GET /events?topic=a HTTP/1.1\r\nHost: localhost\r\n", "X-More: aaaaaaaa\r\n", "431", "max_request_header_count_exceeded")]
    [OwnSockets("GET /events?topic=a HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n", "X-More: aaaaaaaa\r\n", "431", "max_request_header_count_exceeded")]
    [OwnSockets("POST /subscribe HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "10\r\n                \r\n", "413", "max_request_body_size_exceeded")]
    [OwnSockets("POST /subscribe HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5;", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "4", "max_request_body_size_exceeded")]
    public async Task Head_ThatNeverEnds_IsRefused(HostSockets sockets, string beginning, string more, string status, string reason)
    {
        await using var hub = await WatchedHub.StartAsync(sockets);
        const int Clients = 3;
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(more, 32)));
        for (var i = 0; i < Clients; i++)
        {
            using var client = await RawConnection.ConnectAsync(hub.Server.Address);
            await client.SendBytesAsync(Encoding.ASCII.GetBytes(beginning));
            var reading = WatchedHub.ReadAllAsync(client);
            var sent = 0L;
            try
            {
                while (!reading.IsCompleted)
                {
                    Assert.InRange(sent, 0, 64L * 1024 * 1024);
                    await client.SendBytesAsync(block);
                    sent += block.Length;
                }
            }
            catch (SocketException)
            {
            }

            var answer = await reading;
            Assert.True(answer.Length == 0 || answer.StartsWith($"HTTP/1.1 {status}", StringComparison.Ordinal), answer); // None, where a reset has overtaken it.
            await hub.PublishAsync();
        }

        await hub.EndAsync();
        Assert.Equal(Clients, hub.GivenUp(reason));
    }

    private static Task<WatchedHub> StartAsync(HostSockets sockets, ForwardClock clock, Action<SpillwayOptions>? more = null) => WatchedHub.StartAsync(
        sockets,
        options =>
        {
            (options.Transports.UnwrittenBytes, options.Transports.UnacknowledgedBytes) = (SocketBytes, SocketBytes);
            options.WebSocket.ReceiptShare = 0;
            more?.Invoke(options);
        },
        host: builder => clock.AddTo(builder.Services));

    /// <summary>A client that is subscribed and has read no more than its head, if that.</summary>
    private static async Task<RawConnection> SubscribeAsync(WatchedHub hub, bool webSocket)
    {
        var client = await RawConnection.ConnectAsync(hub.Server.Address, receiveBuffer: 4 * 1024);
        if (webSocket)
        {
            await client.SendBytesAsync(Encoding.ASCII.GetBytes(WireSocket.Head(hub.Server.Address, WatchedHub.Topic)));
        }
        else
        {
            await client.SendAsync(WatchedHub.Request(hub.Server.Address));
        }

        return client;
    }

    private static Task CutAllAsync(WatchedHub hub, ForwardClock clock, string reason, int clients) => HubServer.WaitAsync(() =>
    {
        clock.Forward(TimeSpan.FromSeconds(31)); // Again, as long as its system still takes some.
        return hub.Closed(reason) == clients;
    });

    /// <summary>Sends a byte now and then until nobody takes it.</summary>
    private static async Task DripAsync(RawConnection client)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (await timer.WaitForNextTickAsync(Token))
            {
                await client.SendBytesAsync([(byte)'a']);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
        }
    }
}
