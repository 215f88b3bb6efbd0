using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>Clients that begin a message and do not end it: what has come of it is not kept for as long as they like.</summary>
public sealed class MessageTimeoutTests
{
    private static readonly byte[] Half = ClientFrame.Of(ClientFrame.Text, new byte[10], final: false, told: 16 * 1024);

    /// <summary>Over Kestrel's sockets, over HTTP/2, and parked.</summary>
    [Theory]
    [InlineData(false, HostSockets.Kestrel)]
    [InlineData(true, HostSockets.Kestrel)]
    [InlineData(false, HostSockets.Native)]
    [InlineData(false, HostSockets.Managed)]
    public async Task Message_IsNotWholeInTime_ClosesWithItsCodeAndIsCounted(bool http2, HostSockets sockets)
    {
        await using var server = await PatientHub.StartAsync(static options => options.WebSocket.MessageTimeout = TimeSpan.FromMilliseconds(300), sockets);
        using var quiet = await WireSocket.OpenAsync(server, http2);
        using var socket = await WireSocket.OpenAsync(server, http2);
        await socket.SendAsync(Half);

        Assert.Equal(1008, await socket.ReadCloseAsync());
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.client_faults", "slow-message") == 1);
        await server.WaitForConnectionsAsync(1);

        await quiet.SendTextAsync("{\"command\":\"ping\"}"); // Who is in the midst of nothing may be silent for as long.
        Assert.Equal("{\"reply\":null}", (await quiet.ReadAsync()).ToString());
        Assert.Equal(1, server.Metrics.Sum("spillway.transports.client_faults"));
    }

    /// <summary>Pings may stand between the fragments of a message, and do not make its time longer.</summary>
    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task Message_IsKeptGoingByPings_ClosesAllTheSame(HostSockets sockets)
    {
        await using var server = await PatientHub.StartAsync(
            static options =>
            {
                options.WebSocket.MessageTimeout = TimeSpan.FromSeconds(1);
                options.WebSocket.MessagesPerSecond = 1_000;
            },
            sockets);
        using var socket = await WireSocket.OpenAsync(server);
        await socket.SendAsync(ClientFrame.Of(ClientFrame.Text, "x"u8, final: false));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        string answer;
        do
        {
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            await socket.SendAsync(ClientFrame.Of(ClientFrame.Ping, "hold on"u8));
            answer = (await socket.ReadAsync()).ToString();
        }
        while (answer == "pong 7");

        Assert.StartsWith("close 1008", answer, StringComparison.Ordinal);
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.client_faults", "slow-message") == 1);
    }
}
