using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports.Parked;
using Spillway.Transports.Parked.Native;

namespace Spillway.Tests.Transports.Parked;

/// <summary>Descriptors, and numbers of connections, are used again at once: nothing that is said of, to or by one connection reaches the next that has its numbers.</summary>
public sealed class DescriptorReuseTests
{
    private const int Alive = 8; // At a time, of one hub.

    private static readonly int Clients = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 50_000 : 2_000; // Of one hub.

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A copy of a descriptor, as a child process has between fork and exec, keeps the old socket in the epoll set though the loop has closed it: its events go on coming.</summary>
    [Fact]
    public async Task Events_OfASocketThatWasClosed_AreNotTakenForThoseOfTheNext()
    {
        for (var attempt = 0; attempt < 100; attempt++)
        {
            await using var rig = new ParkedRig();
            var (old, descriptor) = await rig.ConnectAsync();
            using var oldClient = old;
            Assert.True(Descriptors.TryCopy(descriptor, out var copy));
            await AdoptAsync(rig, descriptor);
            var (next, accepted) = await rig.ConnectAsync();
            using var nextClient = next;
            await rig.EndAsync(CloseReason.Failed);
            await ParkedRig.UntilAsync(() => rig.Transport.Count == 0, "the end of the first");
            if (!TryMove(accepted, descriptor))
            {
                NativeSocket.Close(copy);
                continue; // Another test was faster.
            }

            await AdoptAsync(rig, descriptor);
            await old.SendAsync(ClientFrame.Of(ClientFrame.Ping, "old"u8), Stop);
            await old.SendAsync(ClientFrame.Of(ClientFrame.Close), Stop);
            old.Shutdown(SocketShutdown.Send);
            await next.SendAsync(ClientFrame.Of(ClientFrame.Ping, "next"u8), Stop);
            Assert.Equal("\x8a\x04next", await ParkedRig.ReadUntilAsync(next, static text => text.Length >= 6));
            rig.Hub.Publish("a", "of the next");
            await ParkedRig.ReadUntilAsync(next, static text => text.Contains("of the next", StringComparison.Ordinal));
            Assert.Equal((1, 0L), (rig.Transport.Count, rig.ClosedFor(CloseReason.ClientClosed)));
            NativeSocket.Close(copy);
            return;
        }

        Assert.Fail("Never was the number free.");
    }

    [Theory]
    [SocketKinds]
    public async Task Clients_ThatComeAndGoAsFastAsTheyCan_SeeTheirOwnTopicOnly(SocketKind sockets)
    {
        await Task.WhenAll(Task.Run(() => ChurnAsync(sockets, "one"), Stop), Task.Run(() => ChurnAsync(sockets, "two"), Stop)); // Two hubs take descriptors from each other.
    }

    private static async Task ChurnAsync(SocketKind sockets, string hub)
    {
        await using var rig = new ParkedRig(sockets);
        var random = new Random(hub[0]);
        var alive = new Queue<Task>();
        for (var i = 0; i < Clients; i++)
        {
            if (alive.Count == Alive)
            {
                await alive.Dequeue();
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"{hub}/{i}");
            var isWebSocket = i % 2 == 0;
            var (client, descriptor) = await rig.ConnectAsync();
            var request = new SubscriptionRequest(Selectors.Of(name), isWebSocket ? WireFormat.WebSocketJson : WireFormat.SseRaw, Signals: false);
            rig.Transport.Prepare(await rig.SubscribeAsync(request), isChunked: false, isWebSocket ? new ParkedWebSocket(null) : null).Adopt(descriptor, []);
            var (events, end) = (random.Next(1, 4), random.Next(3));
            alive.Enqueue(Task.Run(() => LiveAsync(rig, client, name, isWebSocket, events, end), Stop));
        }

        await Task.WhenAll(alive);
        await ParkedRig.UntilAsync(() => (rig.Hub.Hub.Connections, rig.Transport.Count, rig.Transport.LingeringCount, rig.Transport.DialogueCount) == (0, 0, 0, 0), "everybody's end");
        Assert.Equal(Clients, rig.ClosedFor(CloseReason.ClientClosed));
    }

    /// <summary>Everything that a client is sent names its topic; then it leaves, in one of three ways, while more is published to it.</summary>
    private static async Task LiveAsync(ParkedRig rig, Socket client, string name, bool isWebSocket, int events, int end)
    {
        using var _ = client;
        if (isWebSocket)
        {
            await client.SendAsync(ClientFrame.Of(ClientFrame.Ping, Encoding.ASCII.GetBytes(name)), Stop);
        }

        for (var i = 0; i < events; i++)
        {
            rig.Hub.Publish(name, $"({name})");
        }

        var text = await ParkedRig.ReadUntilAsync(client, text => text.Split($"({name})").Length > events && (!isWebSocket || text.Contains($"\x8a{(char)name.Length}{name}", StringComparison.Ordinal)));
        Assert.Equal(events, text.Split('(').Length - 1); // Nobody else's.
        Assert.Equal(isWebSocket ? 1 : 0, text.Split('\x8a').Length - 1);
        rig.Hub.Publish(name, "too late");
        switch (end)
        {
            case 0:
                client.LingerState = new LingerOption(true, 0); // A reset.
                break;
            case 1 when isWebSocket:
                await client.SendAsync(ClientFrame.CloseWith(1000), Stop);
                break;
            default:
                client.Shutdown(SocketShutdown.Send);
                break;
        }
    }

    private static async Task AdoptAsync(ParkedRig rig, int descriptor)
    {
        var request = new SubscriptionRequest(Selectors.Of("a"), WireFormat.WebSocketJson, Signals: true);
        rig.Transport.Prepare(await rig.SubscribeAsync(request), isChunked: false, new ParkedWebSocket(null)).Adopt(descriptor, []);
        await ParkedRig.UntilAsync(() => rig.Transport.Count == 1, "adoption");
    }

    /// <summary>Gives a socket another number, if that is free.</summary>
    private static bool TryMove(int descriptor, int to)
    {
        var others = new List<int> { descriptor };
        var copy = -1;
        while (copy != to && others.Count < 1_000 && Descriptors.TryCopy(descriptor, out copy))
        {
            others.Add(copy); // The lowest that was free.
        }

        foreach (var other in others.Where(other => other != to))
        {
            NativeSocket.Close(other);
        }

        return copy == to;
    }
}
