using System.Net;
using System.Net.Sockets;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Sockets;

/// <summary>Requests of every shape, through Kestrel over Spillway's sockets.</summary>
public sealed class HttpTests
{
    private const int Large = 20 * 1024 * 1024;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [OwnSockets(0, false)]
    [OwnSockets(1, true)]
    [OwnSockets(30_000, true)]
    [OwnSockets(30_000, false)] // A client of HTTP/1.1 reads nothing until it has sent all: more would find both ends waiting.
    public async Task Echo_AnySize_ComesBackWhole(HostSockets sockets, int size, bool chunked)
    {
        await using var host = await SocketHost.StartAsync(sockets);

        await EchoAsync(host.Client, size, chunked);
    }

    [Theory]
    [OwnSockets("plain", true)]
    [OwnSockets("plain", false)]
    [OwnSockets("1.1", true)]
    [OwnSockets("2.0", false)]
    public async Task Transfer_Large_ArrivesWholeBothWays(HostSockets sockets, string version, bool chunked)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = version == "plain" ? new HttpClient { BaseAddress = host.Address } : host.CreateSecureClient(Version.Parse(version));
        using var request = Request(client, "/length", new byte[Large], chunked);

        using var response = await client.SendAsync(request, Token);

        Assert.Equal($"{Large}", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(Large, (await client.GetByteArrayAsync(new Uri($"/zeros/{Large}", UriKind.Relative), Token)).Length);
    }

    [Theory]
    [OwnSockets("1.1")]
    [OwnSockets("2.0")]
    public async Task Echo_OverTls_ComesBackWhole(HostSockets sockets, string version)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = host.CreateSecureClient(Version.Parse(version));

        await Task.WhenAll(EchoAsync(client, 30_000, chunked: true), EchoAsync(client, 1_000, chunked: false), EchoAsync(client, 1, chunked: false));
    }

    [Theory]
    [OwnSockets]
    public async Task Request_OneByteAtATime_IsAnswered(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var connection = await RawConnection.ConnectAsync(host.Address);

        foreach (var one in Encoding.ASCII.GetBytes("POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n6\r\n, you!\r\n0\r\n\r\n"))
        {
            await connection.SendBytesAsync([one]);
        }

        Assert.EndsWith("\r\n\r\n2\r\n11\r\n0\r\n\r\n", await connection.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [OwnSockets]
    public async Task Requests_Pipelined_AreAnsweredInTheirOrder(HostSockets sockets)
    {
        const int Requests = 500;
        await using var host = await SocketHost.StartAsync(sockets);
        using var connection = await RawConnection.ConnectAsync(host.Address);
        var all = new StringBuilder();
        for (var i = 0; i < Requests; i++)
        {
            all.Append("POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: ").Append(i).Append("\r\n\r\n").Append('x', i);
        }

        var sending = connection.SendBytesAsync(Encoding.ASCII.GetBytes(all.ToString()));

        for (var i = 0; i < Requests; i++)
        {
            Assert.StartsWith("HTTP/1.1 200", (await connection.ReadHeadAsync())[0], StringComparison.Ordinal);
            Assert.Equal(i, int.Parse(await connection.ReadChunkAsync(), System.Globalization.CultureInfo.InvariantCulture));
            Assert.Empty(await connection.ReadChunkAsync());
        }

        await sending;
    }

    [Theory]
    [OwnSockets]
    public async Task Request_ResetAfterAnyByte_EndsQuietlyAndLeavesNothing(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        var request = Encoding.ASCII.GetBytes("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n0123456789");
        for (var cut = 0; cut <= request.Length; cut++)
        {
            using var connection = await RawConnection.ConnectAsync(host.Address);
            await connection.SendBytesAsync(request[..cut]);
            connection.Reset();
        }

        await host.WaitForNoSocketsAsync();
        await EchoAsync(host.Client, 1_000, chunked: false);
    }

    [Theory]
    [OwnSockets]
    public async Task Request_ClientEndsItsSideWhileItWaits_IsAborted(HostSockets sockets) // As over Kestrel's own sockets.
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(host.Address.Host, host.Address.Port, Token);
        await client.SendAsync("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Token);

        client.Shutdown(SocketShutdown.Send);

        await host.WaitForNoSocketsAsync();
    }

    [Theory]
    [OwnSockets]
    public async Task Response_ClientReadsSlowly_ServerWaitsAndLosesNothing(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets, static kestrel => kestrel.Limits.MinResponseDataRate = null);
        using var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4 * 1024 };
        await client.ConnectAsync(host.Address.Host, host.Address.Port, Token);
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET /zeros/{Large} HTTP/1.0\r\n\r\n"), Token);

        var (total, read, buffer) = (0L, 0, new byte[3_000]);
        while ((read = await client.ReceiveAsync(buffer, SocketFlags.None, Token)) > 0)
        {
            total += read;
        }

        Assert.InRange(total, Large + 1, Large + 1_000); // And a head.
        await host.WaitForNoSocketsAsync();
    }

    [Theory]
    [OwnSockets]
    public async Task Clients_ManyAtOnce_AreAllAnswered(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets);

        await Parallel.ForAsync(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token }, async (i, token) =>
        {
            using var client = new HttpClient { BaseAddress = host.Address }; // A connection of its own.
            await EchoAsync(client, i * 100, chunked: i % 2 == 0);
        });

        await host.WaitForNoSocketsAsync();
    }

    [Theory]
    [OwnSockets]
    public async Task Stop_RequestUnderWay_IsAnsweredFirst(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var connection = await RawConnection.ConnectAsync(host.Address);
        await connection.SendBytesAsync("POST /length HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"u8.ToArray());
        await connection.ReadUntilAsync("100 Continue\r\n\r\n"); // The endpoint reads.

        var stopping = host.StopAsync();
        await HubServer.WaitAsync(() => host.Logs.Lines.Any(static line => line.Text.Contains("shutting down", StringComparison.Ordinal)));
        await connection.SendBytesAsync("hello"u8.ToArray());

        Assert.Contains("\r\n5\r\n", await connection.ReadToEndAsync(), StringComparison.Ordinal);
        await stopping;
    }

    private static async Task EchoAsync(HttpClient client, int size, bool chunked)
    {
        var sent = new byte[size];
        Random.Shared.NextBytes(sent);
        using var request = Request(client, "/echo", sent, chunked);

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

        var received = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.True(sent.AsSpan().SequenceEqual(received), "Other bytes came back.");
    }

    private static HttpRequestMessage Request(HttpClient client, string path, byte[] body, bool chunked)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body), Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.TransferEncodingChunked = chunked && client.DefaultRequestVersion == HttpVersion.Version11 ? true : null;
        return request;
    }
}
