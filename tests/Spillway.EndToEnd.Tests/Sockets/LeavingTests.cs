using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Sockets;

/// <summary>A connection leaves Kestrel while its request runs.</summary>
public sealed class LeavingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [OwnSockets("1.1", "retry: 1\n\n", "b\r\ndata: new\n\n\r\n")]
    [OwnSockets("1.0", "retry: 1\n\n", "data: new\n\n")]
    public async Task Request_DetachesItself_UnwindsQuietlyAndItsConnectionLivesOn(HostSockets sockets, string version, string opening, string more)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = await ConnectAsync(host, $"GET /detach HTTP/{version}\r\nHost: localhost\r\n\r\n");

        Assert.Equal((true, false), await host.Unwound.Task.WaitAsync(TimeSpan.FromSeconds(30), Token));
        var early = await host.Handed.Early;
        await HubServer.WaitAsync(() => host.Logs.Lines.Any(static line => line.Text.Contains("stopped", StringComparison.Ordinal))); // Kestrel is through with it.
        host.Handed.SendLast(Encoding.ASCII.GetBytes(more));

        var text = await ReadToEndAsync(client);
        Assert.Empty(early!);
        Assert.StartsWith($"HTTP/1.1 200 OK\r\n", text, StringComparison.Ordinal);
        Assert.EndsWith(version == "1.1" ? $"\r\n\r\na\r\n{opening}\r\n{more}" : $"\r\n\r\n{opening}{more}", text, StringComparison.Ordinal);
        CheckLogs(host);
        Assert.Equal(0, host.Metrics.Sum("kestrel.active_connections"));
    }

    [Theory]
    [OwnSockets]
    public async Task Request_ClientSendsMore_WhatKestrelHasNotReadIsHandedOver(HostSockets sockets)
    {
        const string More = "GET /zeros/10 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = await ConnectAsync(host, "GET /detach HTTP/1.1\r\nHost: localhost\r\n\r\n" + More);

        var early = await host.Handed.Early;
        await HubServer.WaitAsync(() => host.Logs.Lines.Any(static line => line.Text.Contains("stopped", StringComparison.Ordinal)));

        Assert.Equal(More, Encoding.ASCII.GetString(early!));
        host.Handed.SendLast([]);
        Assert.DoesNotContain("0000000000", await ReadToEndAsync(client), StringComparison.Ordinal); // Kestrel answers it no more.
        CheckLogs(host);
    }

    [Theory]
    [OwnSockets]
    public async Task Request_ServerStopsMeanwhile_TheSocketLivesOn(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = await ConnectAsync(host, "GET /detach HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Assert.NotNull(await host.Handed.Early);

        await host.StopAsync();
        host.Handed.SendLast("later"u8.ToArray());

        Assert.EndsWith("later", await ReadToEndAsync(client), StringComparison.Ordinal);
        CheckLogs(host);
    }

    [Theory]
    [OwnSockets]
    public async Task Request_OverTls_StaysWithKestrelAndIsAnswered(HostSockets sockets)
    {
        await using var host = await SocketHost.StartAsync(sockets);
        using var client = host.CreateSecureClient(HttpVersion.Version11);

        Assert.Equal("retry: 1\n\n", await client.GetStringAsync("/detach", Token));
        Assert.Equal((false, false), await host.Unwound.Task);

        Assert.Equal(100, (await client.GetByteArrayAsync("/zeros/100", Token)).Length);
        Assert.False(host.Handed.IsDecided);
    }

    /// <summary>Nothing that would not be there for an ordinary connection that was closed.</summary>
    private static void CheckLogs(SocketHost host)
    {
        Assert.DoesNotContain(host.Logs.Lines, static line => line.Level >= LogLevel.Warning);
        Assert.DoesNotContain(host.Logs.Lines, static line => line.Text.Contains("Exception", StringComparison.Ordinal) || line.Text.Contains("abort", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<Socket> ConnectAsync(SocketHost host, string request)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(host.Address.Host, host.Address.Port, Token);
        await client.SendAsync(Encoding.ASCII.GetBytes(request), Token);
        return client;
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        var (text, buffer, read) = (new StringBuilder(), new byte[4_096], 0);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while ((read = await client.ReceiveAsync(buffer, SocketFlags.None, patience.Token)) > 0)
        {
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
