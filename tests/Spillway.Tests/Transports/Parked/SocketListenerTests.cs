using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Spillway.Tests.Transports.Parked;

public sealed class SocketListenerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unbind_ConnectionsLive_TheyGoOnAndNobodyElseIsAccepted()
    {
        await using var rig = await TransportRig.StartAsync();
        var (connection, client) = await rig.ConnectAsync();

        await rig.Listener.UnbindAsync(new CancellationToken(canceled: true)); // As a server does that is disposed of.

        Assert.Null(await rig.Listener.AcceptAsync(Token));
        await Assert.ThrowsAsync<SocketException>(() => rig.DialAsync());
        await connection.Transport.Output.WriteAsync("still"u8.ToArray(), Token);
        Assert.Equal("still"u8.ToArray(), await TransportRig.ReadAsync(client, 5));
        await connection.DisposeAsync();
        client.Dispose();
    }

    [Fact]
    public async Task Unbind_AcceptedAndNotTaken_KestrelStillGetsIt()
    {
        await using var rig = await TransportRig.StartAsync();
        using var client = await rig.DialAsync();
        await TransportRig.WaitAsync(() => rig.Metrics.Sum("spillway.transports.accepted_sockets") == 1, "the client is accepted");

        await rig.Listener.UnbindAsync(Token);

        await using var connection = await rig.AcceptAsync();
        Assert.Null(await rig.Listener.AcceptAsync(Token));
    }

    [Fact]
    public async Task Dispose_AcceptedAndNotTaken_ResetsIt()
    {
        var rig = await TransportRig.StartAsync();
        using var client = await rig.DialAsync();
        await TransportRig.WaitAsync(() => rig.Metrics.Sum("spillway.transports.accepted_sockets") == 1, "the client is accepted");

        await rig.DisposeAsync();

        await Assert.ThrowsAsync<SocketException>(() => TransportRig.ReadToEndAsync(client));
    }

    [Fact]
    public async Task Accept_Waits_EndsWithTheTokenOrTheListener()
    {
        await using var rig = await TransportRig.StartAsync();
        using var source = new CancellationTokenSource();
        var cancelled = rig.Listener.AcceptAsync(source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Patience, Token));

        var waiting = rig.Listener.AcceptAsync(Token).AsTask();
        await rig.Listener.DisposeAsync();

        Assert.Null(await waiting.WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task Bind_AddressIsTaken_SaysSoAsKestrelExpects()
    {
        await using var rig = await TransportRig.StartAsync();

        await Assert.ThrowsAsync<AddressInUseException>(async () => await rig.Transport.BindAsync(rig.Listener.EndPoint, Token));
    }

    [Fact]
    public async Task CanBind_OnlyIpAddresses()
    {
        await using var rig = await TransportRig.StartAsync();

        Assert.True(rig.Transport.CanBind(rig.Listener.EndPoint));
        Assert.False(rig.Transport.CanBind(new UnixDomainSocketEndPoint("socket")));
    }

    [Fact]
    public async Task Accept_MoreThanKestrelTakes_WaitInTheBacklogAndAllAreServed()
    {
        const int Clients = 130; // The listener keeps a quarter of the backlog.
        await using var rig = await TransportRig.StartAsync(static options => options.Backlog = 400);
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
