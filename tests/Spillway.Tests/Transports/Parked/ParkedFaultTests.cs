using System.Net.Sockets;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

/// <summary>What ends single connections that are parked, or nearly: each has its reason, is counted under it, and leaves the others alone.</summary>
public sealed class ParkedFaultTests
{
    private const int NotWatched = 5040, Broken = 5041; // Log events.

    private static readonly SubscriptionRequest Stream = new(Selectors.Of("a"), WireFormat.SseRawChunked, Signals: true);
    private static readonly SubscriptionRequest WebSocket = new(Selectors.Of("a"), WireFormat.WebSocketJson, Signals: true);

    [Theory]
    [SocketKinds("ClientClosed", "client-closed")]
    [SocketKinds("WriteTimeout", "write-timeout")]
    [SocketKinds("Shutdown", "shutdown")]
    public async Task Gone_BeforeTheLoopHasIt_IsCountedUnderItsReason(SocketKind sockets, string close, string name)
    {
        var reason = Enum.Parse<CloseReason>(close);
        await using var rig = new ParkedRig(sockets);
        new HubMetricsOf(rig).Observe();

        rig.Transport.Prepare(await rig.SubscribeAsync(Stream), isChunked: true, null).Gone(reason);

        Assert.Equal((1, 1), (rig.Metrics.Sum("spillway.delivery.closed_connections", name), rig.Metrics.Sum("spillway.delivery.closed_connections")));
        await ParkedRig.UntilAsync(() => rig.Logs.Lines.Any(line => line.Text.Contains($"ended: {reason}", StringComparison.Ordinal)), "the log");
    }

    [Fact]
    public async Task Adopt_KernelDoesNotWatchIt_EndsAsFailedAndIsCounted()
    {
        await using var rig = new ParkedRig();
        var path = Path.GetTempFileName();
        using (var file = File.OpenHandle(path)) // No set of epoll's takes a file.
        {
            Assert.True(Descriptors.TryCopy((int)file.DangerousGetHandle(), out var descriptor));
            rig.Transport.Prepare(await rig.SubscribeAsync(Stream), isChunked: true, null).Adopt(descriptor, []);

            await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.Failed) == 1, "its end");
        }

        File.Delete(path);
        Assert.Equal((0, 0), (rig.Hub.Hub.Connections, rig.Transport.Count));
        Assert.Equal(1, rig.Metrics.Sum("spillway.transports.failed_connections", "not-watched"));
        await ParkedRig.UntilAsync(() => rig.Logs.Lines.Any(static line => line.Id == NotWatched), "the log");
    }

    /// <summary>Bytes that are none stand for whatever may break there, such as memory that is not to be had.</summary>
    [Theory]
    [SocketKinds]
    public async Task Adopt_Throws_TheSocketIsClosedAndTheConnectionForgotten(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        var (client, descriptor) = await rig.ConnectAsync();
        using var _ = client;

        rig.Transport.Prepare(await rig.SubscribeAsync(Stream), isChunked: true, null).Adopt(descriptor, null!);

        await Assert.ThrowsAsync<SocketException>(() => ParkedRig.ReadToEndAsync(client)); // A reset.
        await ParkedRig.UntilAsync(() => rig.Hub.Hub.Connections == 0, "the end");
    }

    /// <summary>A size that validation refuses stands for a defect of ours: the reader throws at the first message.</summary>
    [Theory]
    [SocketKinds]
    public async Task Read_Throws_EndsThatConnectionAndNoOther(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.WebSocket.MessageBytes = -1);
        using var other = await rig.ParkAsync(WebSocket, isChunked: false, new ParkedWebSocket(null));
        using var client = await rig.ParkAsync(WebSocket, isChunked: false, new ParkedWebSocket(null));
        var early = System.Text.Encoding.Latin1.GetString(ClientFrame.Of(ClientFrame.Text, "x"u8)); // Read elsewhere than what comes later.
        var (third, descriptor) = await rig.ConnectAsync();
        using var _ = third;
        rig.Transport.Prepare(await rig.SubscribeAsync(WebSocket), isChunked: false, new ParkedWebSocket(null)).Adopt(descriptor, System.Text.Encoding.Latin1.GetBytes(early));

        await client.SendAsync(ClientFrame.Of(ClientFrame.Text, "x"u8), SocketFlags.None);

        await Assert.ThrowsAsync<SocketException>(() => ParkedRig.ReadToEndAsync(client));
        await Assert.ThrowsAsync<SocketException>(() => ParkedRig.ReadToEndAsync(third));
        rig.Hub.Publish("a", "still served");
        await ParkedRig.ReadUntilAsync(other, static text => text.Contains("still served", StringComparison.Ordinal));
        await ParkedRig.UntilAsync(() => rig.Logs.Lines.Count(static line => line.Id == Broken) == 2, "the log");
        Assert.Equal((2, 2), (rig.ClosedFor(CloseReason.Failed), rig.Metrics.Sum("spillway.transports.failed_connections", "reading")));
        rig.Logs.TakeErrors();
    }

    /// <summary>A peer whose window is shut, as of one that has vanished: the kernel gives it up. Real time: a second.</summary>
    [Theory]
    [SocketKinds]
    public async Task Peer_TakesNothingForThePeerTimeout_IsCountedAsLost(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, receiveBytes: 4_096);
        var (client, descriptor) = await rig.ConnectAsync();
        using var _ = client;
        Assert.Equal(0, NativeSocket.SetOption(rig.Calls.DescriptorOf(descriptor), 6, 18, 1_000)); // TCP_USER_TIMEOUT, as ListenSocket sets it.
        rig.Transport.Prepare(await rig.SubscribeAsync(Stream), isChunked: true, null).Adopt(descriptor, []);
        await ParkedRig.UntilAsync(() => rig.Transport.Count == 1, "adoption");
        for (var i = 0; i < 500; i++)
        {
            rig.Hub.Publish("a", new string('x', 1_000));
        }

        await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.ClientClosed) == 1, "its end");

        Assert.Equal(1, rig.Metrics.Sum("spillway.transports.lost_peers"));
    }

    /// <summary>Has the rig's collector observe its hub.</summary>
    private sealed record HubMetricsOf(ParkedRig Rig)
    {
        public void Observe() => new HubMetrics(Rig.Metrics).Observe(Rig.Hub.Hub);
    }
}
