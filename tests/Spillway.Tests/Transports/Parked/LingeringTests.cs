using System.Net.Sockets;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports.Parked;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Connections that have ended, and whose clients have not: bounded in number, bytes and time.</summary>
public sealed class LingeringTests
{
    private static readonly SubscriptionRequest Topic = new(Selectors.Of("a"), WireFormat.SseRawChunked, Signals: true);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [SocketKinds]
    public async Task Ends_MoreThanMayWait_TheOldestIsClosedAndCounted(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.Transports.LingeringConnections = 2);
        var clients = new List<Socket>();
        for (var number = 0; number < 4; number++)
        {
            clients.Add(await rig.ParkAsync(Topic));
            await rig.EndFirstAsync(CloseReason.TopicsEnded, number + 1);
            Assert.Equal("", await ParkedRig.ReadToEndAsync(clients[number]));
            await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == Math.Min(number + 1, 2), "lingering");
        }

        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.forced_ends", "full") == 2, "the count, which follows the close");
        Assert.Equal([false, false, true, true], clients.Select(TakesBytes)); // The first two are closed: what is sent to them is answered by a reset.
        clients.ForEach(static client => client.Dispose());
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the clients' ends");
        Assert.Equal(2, rig.Metrics.Sum("spillway.transports.forced_ends"));
    }

    /// <summary>One that does not close keeps its turn at the head, for as long as it may take.</summary>
    [Theory]
    [SocketKinds]
    public void Add_OthersCloseAtOnce_TheirTurnsAreNotKept(SocketKind sockets)
    {
        const int Others = 300;
        var (calls, inTime, scratch) = (sockets.Create(), 0, new byte[16]);
        using var slow = new CallsPair(calls);
        using (var lingering = new LingeringSockets(calls, TimeSpan.FromHours(1), 1_000, TimeProvider.System, how => inTime += how == LingerEnd.InTime ? 1 : 0))
        {
            lingering.Add(0, slow.Number);
            for (var key = 1UL; key <= Others; key++)
            {
                using var other = new CallsPair(calls);
                lingering.Add(key, other.Number);
                other.Peer.Close();
                Assert.True(SpinWait.SpinUntil(() => !lingering.Read(key, scratch) && lingering.Count == 1, 30_000), "Its end did not come.");
                Assert.InRange(lingering.Turns, 1, 64 + 4);
            }
        }

        Assert.Equal((Others, 0), (inTime, calls.OpenSockets()));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_SendsOnBehindTheEnd_IsResetAfterSoManyBytes(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.Transports.UnreadBytes = 100_000);
        using var client = await rig.ParkAsync(Topic);
        await rig.EndAsync(CloseReason.TopicsEnded);
        Assert.Equal("", await ParkedRig.ReadToEndAsync(client));
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 1, "lingering");
        await client.SendAsync(new byte[100_000], Stop);
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.forced_ends"));

        try
        {
            while (rig.Transport.LingeringCount > 0)
            {
                await client.SendAsync(new byte[1_000], Stop);
            }
        }
        catch (SocketException)
        {
            // It was reset in the midst of that.
        }

        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.forced_ends", "talkative") == 1, "the count, which follows the end of lingering");
        Assert.Equal(0, rig.Transport.LingeringCount);
    }

    /// <summary>The hub's last words have so long to arrive, and no more, whatever the clients do.</summary>
    [Theory]
    [SocketKinds(true)]
    [SocketKinds(false)]
    public async Task Stop_ClientHasNotClosed_IsWaitedForSoLong(SocketKind sockets, bool closes)
    {
        await using var rig = new ParkedRig(sockets, static options => options.Transports.StopLinger = TimeSpan.FromSeconds(3));
        using var client = await rig.ParkAsync(Topic);
        var stopping = rig.Hub.Hub.StopAsync(Stop);
        await ParkedRig.UntilAsync(
            () =>
            {
                if (rig.Transport.LingeringCount == 0)
                {
                    rig.Hub.Clock.Advance(TimeSpan.FromMilliseconds(20)); // The hub looks again and again whether all have ended.
                }

                return rig.Transport.LingeringCount == 1;
            },
            "the connection's end");
        for (var i = 0; i < 140; i++)
        {
            await rig.Hub.Clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(20), Stop);
            rig.Hub.Clock.Advance(TimeSpan.FromMilliseconds(20)); // 2.8 s
        }

        Assert.False(stopping.IsCompleted);
        if (closes)
        {
            client.Shutdown(SocketShutdown.Send);
            await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the client's end");
        }

        var advances = 0;
        await ParkedRig.UntilAsync(
            () =>
            {
                if (!stopping.IsCompleted)
                {
                    advances++;
                    rig.Hub.Clock.Advance(TimeSpan.FromMilliseconds(20));
                }

                return stopping.IsCompleted;
            },
            "the hub's end");

        await stopping;
        Assert.InRange(advances, 1, 25); // Half a second more, where the machine is busy.
        await rig.Hub.Hub.DisposeAsync();
        Assert.Equal(closes ? 0 : 1, rig.Metrics.Sum("spillway.transports.forced_ends", "stopped"));
    }

    private static bool TakesBytes(Socket client)
    {
        try
        {
            client.Send([1]);
            return !client.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectError) && client.Send([1]) == 1;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
