using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>Clients that break the rules, frame by frame: each gets its close code, is counted, and disturbs nobody.</summary>
public sealed class FaultyClientTests
{
    private const string Faults = "spillway.transports.client_faults";

    [Theory]
    [InlineData(false, false, HostSockets.Kestrel)]
    [InlineData(false, true, HostSockets.Kestrel)]
    [InlineData(false, false, HostSockets.Native)]
    [InlineData(false, true, HostSockets.Native)]
    [InlineData(false, false, HostSockets.Managed)]
    [InlineData(false, true, HostSockets.Managed)]
    [InlineData(true, false, HostSockets.Kestrel)]
    public async Task Frames_ThatAreForbidden_EndTheConnectionByTheirCodeAndDisturbNobody(bool http2, bool oneByOne, HostSockets sockets)
    {
        await using var server = await StartAsync(sockets);
        using var sibling = await WireSocket.OpenAsync(server);
        var (number, failures) = (0, new List<string>());
        foreach (var (what, bytes, code, reason) in FaultCases.All())
        {
            if (oneByOne && bytes.Length > 5_000)
            {
                continue; // Nothing new, and a system call for every byte.
            }

            var before = server.Metrics.Sum(Faults, reason);
            using var socket = await WireSocket.OpenAsync(server, http2);
            await socket.SendAsync(bytes, oneByOne);
            var got = await socket.ReadCloseAsync();
            await HubServer.WaitAsync(() => server.Metrics.Sum(Faults, reason) > before);
            if (got != code || server.Metrics.Sum(Faults, reason) != before + 1)
            {
                failures.Add($"{what}: closed by {got}, not {code}, or not counted once as {reason}.");
            }

            await server.PublishAsync("a", $"{number}");
            Assert.Equal($"{number++}", (await sibling.ReadJsonAsync()).GetProperty("payload").GetString());
        }

        Assert.Empty(failures);
        await server.WaitForConnectionsAsync(1);
        Assert.Equal(number, server.Metrics.Sum(Faults));
        Assert.Equal(number, server.Metrics.Sum("spillway.delivery.closed_connections", "protocol-error"));
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task Close_ByTheClient_IsEchoedAndWhatFollowsItIsForgotten(HostSockets sockets)
    {
        await using var server = await StartAsync(sockets);
        foreach (var (code, echoed) in ((int, int)[])[(1000, 1000), (1001, 1001), (1003, 1003), (1014, 1014), (3000, 3000), (4999, 4999)])
        {
            using var socket = await WireSocket.OpenAsync(server);
            await socket.SendAsync(ClientFrame.CloseWith(code, "gone"u8), ClientFrame.Of(ClientFrame.Text, "{\"command\":\"ping\",\"ref\":1}"u8), ClientFrame.Of(ClientFrame.Ping));
            var frame = await socket.ReadAsync();
            Assert.Equal((ClientFrame.Close, echoed), (frame.Opcode, frame.Code));
            Assert.Null(await socket.TryReadAsync());
        }

        using var silent = await WireSocket.OpenAsync(server);
        await silent.SendAsync(ClientFrame.Of(ClientFrame.Close));
        Assert.Equal(1000, await silent.ReadCloseAsync(answer: false));
        await server.WaitForConnectionsAsync(0);
        Assert.Equal(0, server.Metrics.Sum(Faults));
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task Close_NeverAnswered_IsCutAfterTheTimeAllowed(HostSockets sockets)
    {
        await using var server = await StartAsync(sockets, static options => options.WebSocket.CloseTimeout = TimeSpan.FromMilliseconds(300));
        using var sibling = await WireSocket.OpenAsync(server, query: "topic=b");
        using var silent = await WireSocket.OpenAsync(server);
        using var talking = await WireSocket.OpenAsync(server);
        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);
        Assert.Contains("\"end\"", (await silent.ReadAsync()).ToString(), StringComparison.Ordinal);
        Assert.Equal(4000, (await silent.ReadAsync()).Code);
        await talking.SendAsync(ClientFrame.Of(ClientFrame.Text, "{\"command\":\"ping\"}"u8));

        Assert.Null(await silent.TryReadAsync());
        Assert.Equal(4000, await talking.ReadCloseAsync(answer: false));
        await server.WaitForConnectionsAsync(1);
        await HubServer.WaitAsync(() => server.Metrics.Sum(Faults, "not-closed") == 2);
        await server.PublishAsync("b", "x");
        Assert.Equal("x", (await sibling.ReadJsonAsync()).GetProperty("payload").GetString());
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task Reset_AtAnyByte_IsForgotten(HostSockets sockets)
    {
        await using var server = await StartAsync(sockets);
        using var sibling = await WireSocket.OpenAsync(server);
        byte[] frames =
        [
            .. ClientFrame.Of(ClientFrame.Text, "{\"command\":"u8, final: false), .. ClientFrame.Of(ClientFrame.Ping, "p"u8), .. ClientFrame.Of(0, "\"subscribe\",\"topics\":[\"b\"]}"u8),
            .. ClientFrame.CloseWith(1000),
        ];
        for (var length = 0; length <= frames.Length; length++)
        {
            using var socket = await WireSocket.OpenAsync(server);
            await socket.SendAsync(frames[..length], oneByOne: false);
            socket.Reset();
        }

        await server.WaitForConnectionsAsync(1);
        await server.PublishAsync("a", "x");
        Assert.Equal("x", (await sibling.ReadJsonAsync()).GetProperty("payload").GetString());
        Assert.Equal(frames.Length + 1, server.Metrics.Sum("spillway.delivery.closed_connections", "client-closed"));
        Assert.Equal(0, server.Metrics.Sum(Faults));
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task Reset_AtAnyByteOfTheHandshake_IsForgotten(HostSockets sockets)
    {
        await using var server = await StartAsync(sockets);
        var head = WireSocket.Head(server.Address, "topic=a");
        for (var length = 0; length <= head.Length; length += 3)
        {
            using var connection = await RawConnection.ConnectAsync(server.Address);
            await connection.SendBytesAsync(System.Text.Encoding.ASCII.GetBytes(head[..length]));
            connection.Reset();
        }

        await server.WaitForConnectionsAsync(0);
        using var socket = await WireSocket.OpenAsync(server);
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task HalfClose_WithoutACloseFrame_EndsTheConnection(HostSockets sockets)
    {
        await using var server = await StartAsync(sockets);
        using var socket = await WireSocket.OpenAsync(server);
        await socket.SendAsync(ClientFrame.Of(ClientFrame.Text, "{\"command\":"u8, final: false));
        socket.HalfClose();

        Assert.Null(await socket.TryReadAsync());
        await server.WaitForConnectionsAsync(0);
        Assert.Equal(1, server.Metrics.Sum("spillway.delivery.closed_connections", "client-closed"));
    }

    private static Task<HubServer> StartAsync(HostSockets sockets, Action<SpillwayOptions>? more = null) => PatientHub.StartAsync(
        options =>
        {
            options.WebSocket.MessageBytes = FaultCases.MessageBytes;
            options.WebSocket.MessageFragments = FaultCases.Fragments;
            more?.Invoke(options);
        },
        sockets);
}
