using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Spillway.Tests.Transports.Parked;

public sealed class SocketListenerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [SocketKinds]
    public async Task Unbind_ConnectionsLive_TheyGoOnAndNobodyElseIsAccepted(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        var (connection, client) = await rig.ConnectAsync();

        await rig.Listener.UnbindAsync(new CancellationToken(canceled: true)); // As a server does that is disposed of.

        Assert.Null(await rig.Listener.AcceptAsync(Token));
        await Assert.ThrowsAsync<SocketException>(() => rig.DialAsync());
        await connection.Transport.Output.WriteAsync("still"u8.ToArray(), Token);
        Assert.Equal("still"u8.ToArray(), await TransportRig.ReadAsync(client, 5));
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Unbind_AcceptedAndNotTaken_KestrelStillGetsIt(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        using var client = await rig.DialAsync();
        await TransportRig.WaitAsync(() => rig.Metrics.Sum("spillway.transports.accepted_sockets") == 1, "the client is accepted");

        await rig.Listener.UnbindAsync(Token);

        await using var connection = await rig.AcceptAsync();
        Assert.Null(await rig.Listener.AcceptAsync(Token));
    }

    [Theory]
    [SocketKinds]
    public async Task Dispose_AcceptedAndNotTaken_ResetsIt(SocketKind sockets)
    {
        var rig = await TransportRig.StartAsync(sockets);
        using var client = await rig.DialAsync();
        await TransportRig.WaitAsync(() => rig.Metrics.Sum("spillway.transports.accepted_sockets") == 1, "the client is accepted");

        await rig.DisposeAsync();

        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(client));
    }

    [Theory]
    [SocketKinds]
    public async Task Accept_Waits_EndsWithTheTokenOrTheListener(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);
        using var source = new CancellationTokenSource();
        var cancelled = rig.Listener.AcceptAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Patience, Token));

        var waiting = rig.Listener.AcceptAsync(Token).AsTask();
        await rig.Listener.DisposeAsync();

        Assert.Null(await waiting.WaitAsync(Patience, Token));
    }

    [Theory]
    [SocketKinds]
    public async Task Bind_AddressIsTaken_SaysSoAsKestrelExpects(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);

        await Assert.ThrowsAsync<AddressInUseException>(async () => await rig.Transport.BindAsync(rig.Listener.EndPoint, Token));
    }

    [Theory]
    [SocketKinds]
    public async Task CanBind_OnlyIpAddresses(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets);

        Assert.True(rig.Transport.CanBind(rig.Listener.EndPoint));
        Assert.False(rig.Transport.CanBind(new UnixDomainSocketEndPoint("socket")));
    }

    [Theory]
    [SocketKinds]
    public async Task Accept_DescriptorOfTheReserve_StopsAccepting(SocketKind sockets)
    {
        await using var rig = await TransportRig.StartAsync(sockets, static options => (options.DescriptorLimit, options.DescriptorReserve) = (17, 16)); // All but the first are of the reserve.
        var (connection, first) = await rig.ConnectAsync();
        using var second = await rig.DialAsync();

        await TransportRig.WaitAsync(() => !rig.Transport.IsAccepting, "accepting has stopped");
        await connection.Transport.Output.WriteAsync("served"u8.ToArray(), Token);
        Assert.Equal("served"u8.ToArray(), await TransportRig.ReadAsync(first, 6));
        await connection.DisposeAsync();

        Assert.Equal((1, 1), (rig.Metrics.Sum("spillway.transports.accepted_sockets"), rig.Metrics.Sum("spillway.transports.accept_pauses", "descriptors")));
        first.Dispose();
    }

    [Theory]
    [SocketKinds]
    public async Task Accept_MoreThanKestrelTakes_WaitInTheBacklogAndAllAreServed(SocketKind sockets)
    {
        const int Clients = 130; // The listener keeps a quarter of the backlog.
        await using var rig = await TransportRig.StartAsync(sockets, static options => options.Backlog = 400);
        var clients = new List<Socket>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await rig.DialAsync());
        }

        await TransportRig.WaitAsync(() => rig.Metrics.Sum("spillway.transports.accepted_sockets") == 100, "the listener has as many as it keeps");
        await TransportRig.WaitAsync(() => rig.Metrics.Sum("spillway.transports.accept_pauses", "queue") == 1, "the pause is counted");
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.accepting_paused"));
        for (var i = 0; i < Clients; i++)
        {
            await using var connection = await rig.AcceptAsync();
        }

        Assert.Equal(Clients, rig.Metrics.Sum("spillway.transports.accepted_sockets"));
        clients.ForEach(static client => client.Dispose());
    }
}
