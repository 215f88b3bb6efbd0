using System.Net.Sockets;
using System.Text;
using Spillway.Delivery;
using Spillway.Hub;
using Spillway.TestKit;
using Spillway.Transports.Parked;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.Parked;

/// <summary>WebSockets whose loop reads what their clients send.</summary>
public sealed class ParkedWebSocketTests
{
    private static readonly SubscriptionRequest Topic = new(Selectors.Of("a"), WireFormat.WebSocketJson, Signals: true);

    [Theory]
    [SocketKinds]
    public async Task Client_Pings_GetsItsPongAndNothingIsKept(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);

        await client.SendAsync(ClientFrame.Of(ClientFrame.Ping, "hello"u8), SocketFlags.None);

        Assert.Equal("\x8a\x05hello", await ParkedRig.ReadUntilAsync(client, static text => text.Length == 7));
        await ParkedRig.UntilAsync(() => rig.Transport.DialogueCount == 0, "an idle client");
    }

    [Theory]
    [SocketKinds]
    public async Task Client_SubscribesByteByByte_IsAnsweredAndGetsTheNewTopic(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);

        foreach (var part in ClientFrame.Of(ClientFrame.Text, "{\"command\":\"subscribe\",\"topics\":[\"b\"],\"ref\":7}"u8))
        {
            await client.SendAsync((byte[])[part], SocketFlags.None);
        }

        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("\"reply\":7", StringComparison.Ordinal) && text.EndsWith('}'));
        rig.Hub.Publish("b", "of b");
        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of b", StringComparison.Ordinal));
        await ParkedRig.UntilAsync(() => rig.Transport.DialogueCount == 0, "an idle client");
    }

    [Theory]
    [SocketKinds]
    public async Task Client_ChangesItsSetTwice_TheSecondIsOnTopOfTheFirst(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        var early = Encoding.Latin1.GetString(
        [
            .. ClientFrame.Of(ClientFrame.Text, "{\"command\":\"subscribe\",\"topics\":[\"b\"],\"patterns\":[\"c/*\"],\"ref\":1}"u8),
            .. ClientFrame.Of(ClientFrame.Text, "{\"command\":\"unsubscribe\",\"topics\":[\"a\"],\"ref\":2}"u8),
        ]);
        using var client = await ParkAsync(rig, early: early); // Sent with the request: it is not lost.

        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("\"reply\":2", StringComparison.Ordinal) && text.EndsWith('}'));
        rig.Hub.Publish("a", "of a");
        rig.Hub.Publish("c/1", "of c");
        rig.Hub.Publish("b", "of b");
        var text = await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of b", StringComparison.Ordinal));

        Assert.Contains("of c", text, StringComparison.Ordinal);
        Assert.DoesNotContain("of a", text, StringComparison.Ordinal);
    }

    [Theory]
    [SocketKinds]
    public async Task Client_SaysTooMuchInASecond_IsClosedWithItsCode(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.WebSocket.MessagesPerSecond = 3);
        using var client = await ParkAsync(rig);
        for (var i = 0; i < 4; i++)
        {
            await client.SendAsync(ClientFrame.Of(ClientFrame.Pong), SocketFlags.None);
        }

        var text = await ParkedRig.ReadToEndAsync(client);

        Assert.Equal((int)CloseCode.TooManyCommands, (text[2] << 8) | text[3]);
        await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.ProtocolError) == 1, "the end");
        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.client_faults", "too-many-messages") == 1, "the count");
    }

    [Theory]
    [SocketKinds]
    public async Task Client_Closes_IsAnsweredAndItsDescriptorIsFree(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);

        await client.SendAsync(ClientFrame.Of(ClientFrame.Close, [0x03, 0xE8]), SocketFlags.None);

        Assert.Equal("\x88\x02\x03\xe8", await ParkedRig.ReadToEndAsync(client));
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 1, "lingering");
        client.Shutdown(SocketShutdown.Send);
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the client's end");
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.client_faults"));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_DoesNotAnswerTheCloseFrame_IsClosedAndCounted(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);
        await rig.EndAsync(CloseReason.ProtocolError);
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 1, "lingering");

        rig.Hub.Clock.Advance(TimeSpan.FromSeconds(5));

        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the end of lingering");
        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.client_faults", "not-closed") == 1, "the count");
    }

    /// <summary>A byte, half a frame, a message without its last fragment, and one that is kept going by pings.</summary>
    [Theory]
    [SocketKinds("81", false)]
    [SocketKinds("81850102030400", false)]
    [SocketKinds("018101020304", false)]
    [SocketKinds("01810102030400", true)]
    public async Task Client_DoesNotEndAMessage_IsClosedInTimeWithItsCode(SocketKind sockets, string half, bool pings)
    {
        await using var rig = new ParkedRig(sockets, static options => (options.WebSocket.MessageTimeout, options.Sse.KeepAlive) = (TimeSpan.FromSeconds(4), TimeSpan.FromHours(1)));
        using var client = await ParkAsync(rig);
        using var other = await rig.ParkAsync(Topic, isChunked: false, new ParkedWebSocket(new ReceiptGate(TimeSpan.FromSeconds(1), rig.Hub.Clock))); // Kept, and in the midst of nothing.
        await client.SendAsync(Convert.FromHexString(half), SocketFlags.None);
        await ParkedRig.UntilAsync(() => rig.Transport.DialogueCount == 2, "half a message");
        for (var i = 0; i < 3; i++)
        {
            rig.Hub.Clock.Advance(TimeSpan.FromSeconds(1.3)); // 3.9 s
            if (pings)
            {
                await client.SendAsync(ClientFrame.Of(ClientFrame.Ping, "hold on"u8), SocketFlags.None);
                await ParkedRig.ReadUntilAsync(client, static text => text.EndsWith("hold on", StringComparison.Ordinal));
            }
        }

        await other.SendAsync(ClientFrame.Of(ClientFrame.Ping, "hello"u8), SocketFlags.None);
        await ParkedRig.ReadUntilAsync(other, static text => text.EndsWith("hello", StringComparison.Ordinal)); // The loop has looked meanwhile.
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.client_faults"));
        await ParkedRig.UntilAsync(
            () =>
            {
                rig.Hub.Clock.Advance(TimeSpan.FromSeconds(0.5)); // Once is enough, but where a pong was under way while the clock moved: that time is the hub's.
                return rig.Metrics.Sum("spillway.transports.client_faults", "slow-message") == 1;
            },
            "the count");

        var text = await ParkedRig.ReadToEndAsync(client);
        Assert.Equal((int)CloseCode.Policy, (text[2] << 8) | text[3]);
        Assert.Contains("longer than 4 s (WebSocket:MessageTimeout); retry=", text, StringComparison.Ordinal);
        await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.ProtocolError) == 1, "the end");
        Assert.Equal((1, 1), (rig.Transport.Count, rig.Transport.DialogueCount));
    }

    [Theory]
    [SocketKinds]
    public async Task Client_BeginsTheNextMessageWithTheEndOfTheLast_HasTheWholeTimeForEach(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.WebSocket.MessageTimeout = TimeSpan.FromSeconds(4));
        using var client = await ParkAsync(rig);
        var message = ClientFrame.Of(ClientFrame.Text, "{\"command\":\"ping\"}"u8);
        await client.SendAsync(message[..5], SocketFlags.None);
        for (var i = 0; i < 4; i++)
        {
            await ParkedRig.UntilAsync(() => rig.Transport.DialogueCount == 1, "half a message");
            rig.Hub.Clock.Advance(TimeSpan.FromSeconds(3));
            await client.SendAsync((byte[])[.. message[5..], .. message[..5]], SocketFlags.None);
            await ParkedRig.ReadUntilAsync(client, static text => text.EndsWith("\"reply\":null}", StringComparison.Ordinal));
        }

        Assert.Equal((1, 0), (rig.Transport.Count, rig.Metrics.Sum("spillway.transports.client_faults")));
    }

    /// <summary>A megabyte of pings that came with the request: were what is left of it copied with each, that would be gigabytes.</summary>
    [Theory]
    [SocketKinds]
    public async Task Client_SentMuchWithItsRequest_AllIsAnsweredAndTheRestIsCopiedOnce(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets, static options => options.WebSocket.MessagesPerSecond = 10_000);
        var ping = ClientFrame.Of(ClientFrame.Ping, new byte[125]);
        const int Pings = 8_000;
        var early = new byte[ping.Length * Pings];
        for (var i = 0; i < Pings; i++)
        {
            ping.CopyTo(early, i * ping.Length);
        }

        var (client, descriptor) = await rig.ConnectAsync();
        using var _ = client;
        var adopter = rig.Transport.Prepare(await rig.SubscribeAsync(Topic), isChunked: false, new ParkedWebSocket(null));
        var before = await AllocatedAsync();

        adopter.Adopt(descriptor, early);
        var (received, buffer) = (0, new byte[64 * 1024]);
        while (received < Pings * 127)
        {
            received += await client.ReceiveAsync(buffer, SocketFlags.None, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }

        Assert.Equal(Pings * 127, received);
        Assert.InRange(await AllocatedAsync() - before, early.Length, 100_000_000); // Copied each time it would be over four thousand million.

        Task<long> AllocatedAsync() => rig.Loop.AskAsync(static _ => GC.GetAllocatedBytesForCurrentThread()); // By the loop's thread, which copies: other tests allocate, too.
    }

    /// <summary>JSON may write any letter of a command's name by its number: it is a command that changes the set all the same.</summary>
    [Theory]
    [SocketKinds]
    public async Task Client_SpellsSubscribeWithEscapes_TheNewTopicComesOnTopOfTheOld(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);

        await client.SendAsync(ClientFrame.Of(ClientFrame.Text, "{\"command\":\"\\u0073ubscribe\",\"topics\":[\"b\"],\"ref\":1}"u8), SocketFlags.None);

        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("\"reply\":1", StringComparison.Ordinal) && text.EndsWith('}'));
        rig.Hub.Publish("a", "of a");
        rig.Hub.Publish("b", "of b");
        Assert.Contains("of a", await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of b", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Theory]
    [SocketKinds]
    public async Task Client_IsFaulty_IsToldWhy(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);

        await client.SendAsync(new byte[] { 0x81, 0x01, (byte)'x' }, SocketFlags.None); // Not masked.

        var text = await ParkedRig.ReadToEndAsync(client);
        Assert.Equal((int)CloseCode.ProtocolError, (text[2] << 8) | text[3]);
        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.client_faults", "not-masked") == 1, "the count");
    }

    [Theory]
    [SocketKinds]
    public async Task Client_AnswersPings_IsNotTakenForDead(SocketKind sockets)
    {
        await using var rig = new ParkedRig(sockets);
        using var client = await ParkAsync(rig);
        for (var i = 0; i < 4; i++)
        {
            rig.Hub.Clock.Advance(TimeSpan.FromSeconds(15));
            await ParkedRig.ReadUntilAsync(client, static text => text.Contains('\x89', StringComparison.Ordinal));
            await client.SendAsync(ClientFrame.Of(ClientFrame.Pong), SocketFlags.None);
            await client.SendAsync(ClientFrame.Of(ClientFrame.Ping, "heard?"u8), SocketFlags.None);
            await ParkedRig.ReadUntilAsync(client, static text => text.Contains("heard?", StringComparison.Ordinal));
        }

        Assert.Equal(1, rig.Transport.Count);
        rig.Hub.Clock.Advance(TimeSpan.FromSeconds(15));
        await ParkedRig.ReadUntilAsync(client, static text => text.Contains('\x89', StringComparison.Ordinal));
        rig.Hub.Clock.Advance(TimeSpan.FromSeconds(15));
        await ParkedRig.UntilAsync(() => rig.ClosedFor(CloseReason.PongTimeout) == 1, "a dead client's end");
    }

    private static Task<Socket> ParkAsync(ParkedRig rig, string early = "") => rig.ParkAsync(Topic, isChunked: false, new ParkedWebSocket(null), early);
}
