using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Spillway.Operations;
using Spillway.TestKit;
using Spillway.Tests.Hub;
using Spillway.Tests.Operations;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Alone in the process: descriptors are everybody's.</summary>
[Collection(Alone.Name)]
public sealed class DescriptorPressureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Accept_DescriptorsRunOut_StopsWithAReserveAndResumes()
    {
        const int Reserve = 16, Room = 60;
        var limit = LowestFree() + Room + Reserve;
        var clock = new ManualTimeProvider();
        await using var rig = await TransportRig.StartAsync(options => (options.DescriptorLimit, options.DescriptorReserve) = (limit, Reserve), clock);
        var served = new List<ConnectionContext>();
        var clients = new List<Socket>();
        var accepting = AcceptAllAsync(rig, served);

        while (rig.Metrics.Sum("spillway.transports.accepting_paused") == 0)
        {
            Assert.True(clients.Count < 20 * Room, "Accepting never stops."); // Numbers below come free as what other tests left is collected.
            clients.Add(await rig.DialAsync()); // Takes a descriptor, too.
        }

        clients.Add(await rig.DialAsync()); // Waits in the kernel.
        var before = rig.Metrics.Sum("spillway.transports.accepted_sockets");
        clock.Advance(TimeSpan.FromSeconds(1)); // It looks again, and nothing is free.
        Assert.Equal((1, 1), (rig.Metrics.Sum("spillway.transports.accept_pauses", "descriptors"), rig.Metrics.Sum("spillway.transports.accepting_paused")));
        Assert.Equal(before, rig.Metrics.Sum("spillway.transports.accepted_sockets"));
        Assert.Single(rig.Logs.Lines, static line => line is { Id: 5032, Level: LogLevel.Warning });
        Assert.Equal((503, "{\"status\":\"full\"}"), await AskReadyAsync(rig));

        clients[..^1].ForEach(static client => client.Close(0)); // Their ends here, and then the server's.
        await TransportRig.WaitAsync(() => served.Count == (int)before, "all are taken");
        await Task.WhenAll(served.ToArray().Select(static connection => connection.DisposeAsync().AsTask()));
        await TransportRig.WaitAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100));
                return rig.Metrics.Sum("spillway.transports.accepted_sockets") > before;
            },
            "the one that waited is accepted");

        await TransportRig.WaitAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromMilliseconds(100)); // Descriptors come free one by one: it may have paused once more.
                return rig.Metrics.Sum("spillway.transports.accepting_paused") == 0;
            },
            "accepting goes on");
        Assert.Equal(rig.Metrics.Sum("spillway.transports.accept_pauses"), rig.Logs.Lines.Count(static line => line.Id == 5034));
        Assert.Equal((200, "{\"status\":\"ready\"}"), await AskReadyAsync(rig));
        await rig.Listener.UnbindAsync(Token);
        await accepting;
        clients[^1].Dispose();
    }

    private static async Task AcceptAllAsync(TransportRig rig, List<ConnectionContext> served)
    {
        while (await rig.Listener.AcceptAsync(Token) is { } connection)
        {
            served.Add(connection);
        }
    }

    private static async Task<(int Status, string Text)> AskReadyAsync(TransportRig rig)
    {
        var request = new OperationsRequest(new FixedHistory(), transport: rig.Transport);
        request.Service<Readiness>().Set(HubState.Ready);
        await HealthEndpoint.HandleReadyAsync(request.Context);
        return (request.Context.Response.StatusCode, request.Text);
    }

    private static int LowestFree()
    {
        using var any = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        return (int)any.SafeHandle.DangerousGetHandle();
    }
}
