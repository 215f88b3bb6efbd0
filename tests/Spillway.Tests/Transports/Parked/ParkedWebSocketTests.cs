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

    [Fact]
    public async Task Client_Pings_GetsItsPongAndNothingIsKept()
    {
        await using var rig = new ParkedRig();
        using var client = await ParkAsync(rig);

        await client.SendAsync(ClientFrame.Of(ClientFrame.Ping, "hello"u8), SocketFlags.None);

        Assert.Equal("\x8a\x05hello", await ParkedRig.ReadUntilAsync(client, static text => text.Length == 7));
        await ParkedRig.UntilAsync(() => rig.Transport.SessionCount == 0, "an idle client");
    }

    [Fact]
    public async Task Client_SubscribesByteByByte_IsAnsweredAndGetsTheNewTopic()
    {
        await using var rig = new ParkedRig();
        using var client = await ParkAsync(rig);

        foreach (var part in ClientFrame.Of(ClientFrame.Text, "{\"command\":\"subscribe\",\"topics\":[\"b\"],\"ref\":7}"u8))
        {
            await client.SendAsync((byte[])[part], SocketFlags.None);
        }

        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("\"reply\":7", StringComparison.Ordinal) && text.EndsWith('}'));
        rig.Hub.Publish("b", "of b");
        await ParkedRig.ReadUntilAsync(client, static text => text.Contains("of b", StringComparison.Ordinal));
        await ParkedRig.UntilAsync(() => rig.Transport.SessionCount == 0, "an idle client");
    }

    [Fact]
    public async Task Client_ChangesItsSetTwice_TheSecondIsOnTopOfTheFirst()
    {
        await using var rig = new ParkedRig();
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

    [Fact]
    public async Task Client_SaysTooMuchInASecond_IsClosedWithItsCode()
    {
        await using var rig = new ParkedRig(static options => options.WebSocket.MessagesPerSecond = 3);
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

    [Fact]
    public async Task Client_Closes_IsAnsweredAndItsDescriptorIsFree()
    {
        await using var rig = new ParkedRig();
        using var client = await ParkAsync(rig);

        await client.SendAsync(ClientFrame.Of(ClientFrame.Close, [0x03, 0xE8]), SocketFlags.None);

        Assert.Equal("\x88\x02\x03\xe8", await ParkedRig.ReadToEndAsync(client));
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 1, "lingering");
        client.Shutdown(SocketShutdown.Send);
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the client's end");
        Assert.Equal(0, rig.Metrics.Sum("spillway.transports.client_faults"));
    }

    [Fact]
    public async Task Client_DoesNotAnswerTheCloseFrame_IsClosedAndCounted()
    {
        await using var rig = new ParkedRig();
        using var client = await ParkAsync(rig);
        await rig.EndAsync(CloseReason.ProtocolError);
        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 1, "lingering");

        rig.Hub.Clock.Advance(TimeSpan.FromSeconds(5));

        await ParkedRig.UntilAsync(() => rig.Transport.LingeringCount == 0, "the end of lingering");
        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.client_faults", "not-closed") == 1, "the count");
    }

    [Fact]
    public async Task Client_IsFaulty_IsToldWhy()
    {
        await using var rig = new ParkedRig();
        using var client = await ParkAsync(rig);

        await client.SendAsync(new byte[] { 0x81, 0x01, (byte)'x' }, SocketFlags.None); // Not masked.

        var text = await ParkedRig.ReadToEndAsync(client);
        Assert.Equal((int)CloseCode.ProtocolError, (text[2] << 8) | text[3]);
        await ParkedRig.UntilAsync(() => rig.Metrics.Sum("spillway.transports.client_faults", "not-masked") == 1, "the count");
    }

    [Fact]
    public async Task Client_AnswersPings_IsNotTakenForDead()
    {
        await using var rig = new ParkedRig();
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
