using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>WebSockets that the hub writes to past Kestrel: which they are, and what both have to do with one socket.</summary>
public sealed class DirectWriteTests
{
    private const int SmallBuffer = 4 * 1024; // The kernel doubles it.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SocketOf_FirstPlainRequestOfItsConnection_AndNoOther()
    {
        await using var server = await HubServer.StartAsync();
        using var connection = await RawConnection.ConnectAsync(server.Address);
        foreach (var isFirst in (bool[])[true, false, false])
        {
            await connection.SendAsync("HEAD /plain HTTP/1.1", $"Host: {server.Address.Authority}");
            await connection.ReadHeadAsync();
            Assert.Equal(isFirst, (await server.NextRequestAsync()).HasSocket);
        }

        using var older = await RawConnection.ConnectAsync(server.Address);
        await older.SendAsync("HEAD /plain HTTP/1.0");
        Assert.False((await server.NextRequestAsync()).HasSocket);

        using var http1 = new HttpClient(server.Endpoint.CreateHandler()) { BaseAddress = server.SecureAddress };
        using var http2 = server.CreateHttp2Client();
        foreach (var client in (HttpClient[])[http1, http2])
        {
            using var response = await client.GetAsync(new Uri("/plain", UriKind.Relative), Token);
            Assert.Equal(client == http1 ? HttpVersion.Version11 : HttpVersion.Version20, response.Version);
            Assert.False((await server.NextRequestAsync()).HasSocket);
        }
    }

    [Fact]
    public async Task Upgrade_BehindAnAnswerThatKestrelStillHolds_ComesAfterIt()
    {
        await using var server = await StartAsync(kestrelHolds: 1024 * 1024);
        await PublishAsync(server, 200);
        using var connection = await RawConnection.ConnectAsync(server.Address, SmallBuffer);

        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(
            $"GET /events?topic=a&earliest HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAccept: application/json\r\n\r\n{WireSocket.Head(server.Address, "topic=a")}"));
        await server.NextRequestAsync();
        Assert.False((await server.NextRequestAsync()).HasSocket);
        await server.WaitForConnectionsAsync(1); // The handshake's answer waits in Kestrel behind the first one, of which the socket takes a part.
        var answer = await connection.ReadHeadAsync();
        var length = int.Parse(answer.Single(static line => line.StartsWith("Content-Length: ", StringComparison.Ordinal)).AsSpan("Content-Length: ".Length), CultureInfo.InvariantCulture);
        var body = Encoding.UTF8.GetString(await connection.ReadBytesAsync(length));

        Assert.Equal(("HTTP/1.1 200 OK", true), (answer[0], length > 150_000)); // More than the systems of both ends take.
        Assert.StartsWith("{\"entries\":[{", body, StringComparison.Ordinal);
        Assert.EndsWith("}", body, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 101 ", (await connection.ReadHeadAsync())[0], StringComparison.Ordinal);
        var frame = await connection.ReadBytesAsync(2);
        Assert.True(frame is [0x81, > 100 and < 126], Convert.ToHexString(frame)); // A text whose length stands in the second byte.
        Assert.StartsWith("{\"signal\":\"open\"", Encoding.UTF8.GetString(await connection.ReadBytesAsync(frame[1])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Rest_OfAClientThatIsGoneOrAServerThatStops_EndsWithIt(bool reset)
    {
        await using var server = await StartAsync();
        using var connection = await RawConnection.ConnectAsync(server.Address, SmallBuffer);
        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(WireSocket.Head(server.Address, "topic=a")));
        Assert.StartsWith("HTTP/1.1 101 ", (await connection.ReadHeadAsync())[0], StringComparison.Ordinal);
        Assert.True((await server.NextRequestAsync()).HasSocket);
        await PublishAsync(server, 200);
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.delivery.stalls") > 0);

        if (reset)
        {
            connection.Reset();
            await server.WaitForConnectionsAsync(0);
            Assert.Equal(1, server.Metrics.Sum("spillway.delivery.closed_connections", "client-closed"));
        }
        else
        {
            await server.StopAsync();
            await Assert.ThrowsAnyAsync<Exception>(connection.ReadToEndAsync); // Cut: an end that looks proper would hide that bytes are missing.
        }
    }

    /// <summary>Sockets that hold little, as those of <c>serve</c> do.</summary>
    private static Task<HubServer> StartAsync(int kestrelHolds = 4 * 1024) => HubServer.StartAsync(
        static options =>
        {
            options.GracePeriod = TimeSpan.FromMilliseconds(500);
            options.WebSocket.ReceiptShare = 0; // All open with the same words.
        },
        configureHost: builder =>
        {
            InlineHost.Configure(builder);
            builder.WebHost.UseSockets(sockets =>
            {
                sockets.MaxWriteBufferSize = kestrelHolds;
                sockets.CreateBoundListenSocket = static endpoint =>
                {
                    var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
                    socket.SendBufferSize = 16 * 1024;
                    return socket;
                };
            });
        });

    private static async Task PublishAsync(HubServer server, int events) => await server.Publisher.PublishAsync(
        [.. Enumerable.Range(0, events).Select(static i => new PushEvent { Topic = "a", Payload = Encoding.ASCII.GetBytes(new string((char)('a' + (i % 26)), 1_200)) })], Token);
}
