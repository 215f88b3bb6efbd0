using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.Subscribing.Parked;

namespace Spillway.EndToEnd.Tests.Bodies;

/// <summary>Bodies that come a byte at a time, or do not come. Those of NDJSON may be slow: Publishing/NdjsonTests has their bound.</summary>
public sealed class SlowBodyTests
{
    private static readonly string[] Requests = ["POST /subscribe", "QUERY /events", "POST /events", "POST /topics/a"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Content-Length: 1000", "a", HostSockets.Native)]
    [InlineData("Content-Length: 1000", "", HostSockets.Native)]
    [InlineData("Transfer-Encoding: chunked", "1\r\na\r\n", HostSockets.Native)]
    [InlineData("Transfer-Encoding: chunked", "", HostSockets.Native)]
    [InlineData("Content-Length: 1000", "a", HostSockets.Managed)]
    [InlineData("Content-Length: 1000", "a", HostSockets.Kestrel)]
    [InlineData("Transfer-Encoding: chunked", "1\r\na\r\n", HostSockets.Kestrel)]
    public async Task Body_ComesTooSlowly_IsGivenUpAndCounted(string framing, string piece, HostSockets sockets)
    {
        const int OfEach = 5;
        await using var server = await HubServer.StartAsync(
            configureKestrel: static kestrel => kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(10_000, TimeSpan.FromSeconds(1.1)), // Its clock ticks once a second.
            sockets: sockets);
        var clients = new List<RawConnection>();
        foreach (var request in Enumerable.Repeat(Requests, OfEach).SelectMany(static all => all))
        {
            clients.Add(await RawConnection.ConnectAsync(server.Address));
            await clients[^1].SendAsync($"{request} HTTP/1.1", $"Host: {server.Address.Authority}", "Content-Type: application/json", framing);
        }

        var dripping = Task.WhenAll(clients.Select(client => DripAsync(client, piece)));
        foreach (var client in clients)
        {
            var answer = await WatchedHub.ReadAllAsync(client);
            Assert.True(
                (answer.Length == 0 && piece.Length > 0) || (answer.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal) && answer.Contains("urn:spillway:problem:slow-body", StringComparison.Ordinal)),
                answer); // None, where a reset has overtaken it: the client sent on.
        }

        clients.ForEach(static client => client.Dispose());
        await dripping;
        await HubServer.WaitAsync(() => server.Metrics.Count("kestrel.connection.duration", "min_request_body_data_rate") == clients.Count);
        Assert.Equal(clients.Count / 2, server.Metrics.Sum("spillway.transports.refused_subscriptions", "slow-body"));
        Assert.Equal(clients.Count / 2, server.Metrics.Sum("spillway.ingress.refused_events", "slow-body"));
    }

    private static async Task DripAsync(RawConnection client, string piece)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        try
        {
            while (piece.Length > 0 && await timer.WaitForNextTickAsync(Token))
            {
                await client.SendBytesAsync(Encoding.ASCII.GetBytes(piece));
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
        }
    }
}
