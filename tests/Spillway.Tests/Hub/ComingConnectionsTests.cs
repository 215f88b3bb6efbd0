using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using static Spillway.Tests.Hub.SmallHub;

namespace Spillway.Tests.Hub;

/// <summary>Connections between their opening, which tells their ids, and their loops.</summary>
public sealed class ComingConnectionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Find_ConnectionIsBeingOpened_WaitsForItsLoop()
    {
        await using var harness = new HubHarness(Small());
        var (connections, subscription) = (new HubConnections(harness.Hub), await harness.Hub.SubscribeAsync(Request("a"), Token));
        var found = connections.FindAsync(IdOf(subscription!), Token);
        Assert.False(found.IsCompleted);

        harness.Run(subscription!);

        Assert.Equal(subscription!.ConnectionId, ConnectionId.Format((await found.WaitAsync(Token))!.Id));
        Assert.Equal(0, harness.Hub.Coming.Count);
    }

    [Fact]
    public async Task End_ConnectionIsBeingOpened_EndsItThen()
    {
        await using var harness = new HubHarness(Small());
        var (connections, subscription) = (new HubConnections(harness.Hub), await harness.Hub.SubscribeAsync(Request("a"), Token));
        var ended = connections.EndAsync(IdOf(subscription!), CloseReason.Revoked, Token);
        Assert.False(ended.IsCompleted);

        var connection = harness.Run(subscription!);

        Assert.True(await ended.WaitAsync(Token));
        Assert.Equal(CloseReason.Revoked, await connection.Running!.WaitAsync(Token));
    }

    [Fact]
    public async Task Find_OpeningFails_FindsNothing()
    {
        await using var harness = new HubHarness(Small());
        var connections = new HubConnections(harness.Hub);
        var subscription = await harness.Hub.SubscribeAsync(Request("a"), Token);
        var found = connections.FindAsync(IdOf(subscription!), Token);
        Assert.Equal(1, harness.Hub.Coming.Count);

        subscription!.Dispose();

        Assert.Null(await found.WaitAsync(Token));
        Assert.Null(await connections.FindAsync(12_345, Token));
        Assert.Equal(0, harness.Hub.Coming.Count);
    }

    /// <summary>A client that asks about a connection of its own, which takes no byte of its opening, and goes away.</summary>
    [Fact]
    public async Task Find_WhoAsksGoesAway_WaitsNoMore()
    {
        await using var harness = new HubHarness(Small());
        var (connections, subscription) = (new HubConnections(harness.Hub), await harness.Hub.SubscribeAsync(Request("a"), Token));
        using var asking = new CancellationTokenSource();
        Task[] asked = [connections.FindAsync(IdOf(subscription!), asking.Token), connections.EndAsync(IdOf(subscription!), CloseReason.Revoked, asking.Token)];

        await asking.CancelAsync();

        foreach (var one in asked)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one.WaitAsync(Token));
        }

        var connection = harness.Run(subscription!);
        Assert.NotNull(await connections.FindAsync(IdOf(subscription!), Token));
        Assert.False(connection.Running!.IsCompleted);
    }

    private static ulong IdOf(Subscription subscription) => ConnectionId.TryParse(subscription.ConnectionId, out var id) ? id : 0;
}
