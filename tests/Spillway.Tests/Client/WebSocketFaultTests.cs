using System.Text;
using Spillway.Client;
using Spillway.Client.WebSockets;

namespace Spillway.Tests.Client;

public sealed class WebSocketFaultTests
{
    [Theory]
    [InlineData(1000, "", DisconnectReason.StreamEnded, 1_000)]
    [InlineData(1001, "away", DisconnectReason.StreamEnded, 1_000)]
    [InlineData(1011, "retry=2500", DisconnectReason.StreamEnded, 2_500)]
    [InlineData(1012, "retry=3127", DisconnectReason.Drain, 3_127)]
    [InlineData(4001, "lifetime; retry=99", DisconnectReason.Drain, 99)]
    [InlineData(4002, "retry=7000", DisconnectReason.Drain, 7_000)]
    [InlineData(4004, "retry=7000", DisconnectReason.Drain, 7_000)]
    [InlineData(4005, "retry=7000", DisconnectReason.Drain, 7_000)]
    [InlineData(4006, "retry=7000", DisconnectReason.Drain, 7_000)]
    [InlineData(4003, "More than 10 messages; retry=5000", DisconnectReason.StreamEnded, 5_000)]
    [InlineData(4321, "of a later version", DisconnectReason.StreamEnded, 1_000)]
    public async Task SubscribeAsync_CloseCodeToComeBackFrom_ComesBackWhenToldAndBehindTheLastEvent(int code, string reason, DisconnectReason expected, int delay)
    {
        (byte Opcode, byte[] Payload) answer = (0, []);
        await using var hub = new FakeHub(
            async exchange =>
            {
                await exchange.OpenAsync("1-a");
                await exchange.EventAsync("1-b");
                await exchange.SendAsync(FakeFrames.WriteClose(code, reason));
                answer = await exchange.ReadFrameAsync();
            },
            static exchange => exchange.OpenAsync("1-b"));
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);
        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((expected, TimeSpan.FromMilliseconds(delay), 0), (lost.Reason, lost.Delay, lost.Failures));
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);
        Assert.Equal("1-b", hub.Requests[1].Headers["Last-Event-ID"]);
        Assert.Equal((FakeFrames.CloseFrame, code), (answer.Opcode, (answer.Payload[0] << 8) | answer.Payload[1]));
    }

    [Fact]
    public async Task SubscribeAsync_ClosedBecauseAllTopicsHaveEnded_Ends()
    {
        await using var hub = new FakeHub(async static exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync(FakeFrames.WriteClose(4000, ""));
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<EndedNotice>();
        await subscriber.EndsAsync();
    }

    [Theory]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1009)]
    public async Task SubscribeAsync_ClosedForTheClientsFault_SaysSoAndDoesNotComeBack(int code)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync(FakeFrames.WriteClose(code, "What was wrong."));
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);
        await subscriber.NextAsync<ConnectedNotice>();

        var failure = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<DisconnectedNotice>);

        Assert.Contains($"code {code} (What was wrong.)", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mqtt", null, "chose the subprotocol \"mqtt\"")]
    [InlineData("", null, "chose the subprotocol \"\"")]
    [InlineData(Handshake.Binary, "bm90IHRoZSBhbnN3ZXIgdG8ga2V5IQ==", "RFC 6455")]
    public async Task SubscribeAsync_HandshakeIsNotAnswered_SaysSo(string protocol, string? accept, string expected)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.UpgradeAsync(protocol, accept);
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        var failure = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<ConnectedNotice>);

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubscribeAsync_ServerThatAnswersWithAStream_IsNoWebSocket()
    {
        await using var hub = new FakeHub(static exchange => exchange.AnswerAsync("200 OK", "<html></html>", contentType: "text/html"));
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        var failure = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<ConnectedNotice>);

        Assert.Contains("answered 200 instead of opening a WebSocket", failure.Message, StringComparison.Ordinal);
    }

    public static TheoryData<byte[], string> Nonsense => new()
    {
        { FakeFrames.WriteText("[]"), "JSON" },
        { FakeFrames.WriteText("{\"signal\":\"open\",\"id\":\"1-a\",\"protocol\":2}"), "version 2" },
        { FakeFrames.WriteText("{\"signal\":\"open\",\"id\":\"1 a\"}"), "not a cursor" },
        { FakeFrames.WriteText("{\"signal\":\"gap\",\"id\":\"1-a\"}"), "does not begin with" },
        { FakeFrames.WriteText("{\"signal\":7,\"id\":\"1-a\"}"), "JSON" },
        { FakeFrames.WriteText("{\"signal\":\"open\""), "JSON" },
        { FakeFrames.Write(FakeFrames.Binary, [1, .. new byte[18]]), "binary message" },
    };

    [Theory]
    [MemberData(nameof(Nonsense), DisableDiscoveryEnumeration = true)]
    public async Task SubscribeAsync_ServerIsNoHub_SaysSo(byte[] frame, string expected)
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.UpgradeAsync();
            await exchange.SendAsync(frame);
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        var failure = await Assert.ThrowsAsync<SpillwayException>(subscriber.NextAsync<ConnectedNotice>);

        Assert.Contains(expected, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Decode_LengthsThatDoNotFit_AreRefused()
    {
        var message = FakeFrames.WriteEvent("1-b", "payload"u8.ToArray(), "topic", "type", "key", "text/plain", "00-1-2-01");
        foreach (var at in (int[])[2, 3, 12, 13, 14, 15, 16, 17, 18, 19])
        {
            var broken = message.ToArray();
            broken[at] = 0xFF;
            Assert.Throws<SpillwayException>(() => BinaryEvent.Decode(BinaryEvent.ReadId(broken)!, broken));
        }

        for (var length = 0; length < message.Length - 7; length++)
        {
            Assert.Throws<SpillwayException>(() => BinaryEvent.Decode("1-b", message.AsSpan(0, length)));
        }
    }

    [Fact]
    public async Task SubscribeAsync_RetrySignal_ChangesTheDelay()
    {
        await using var hub = new FakeHub(async static exchange =>
        {
            await exchange.OpenAsync("1-a", retry: 1_000);
            await exchange.SignalAsync("retry", "", "\"retry\":8500");
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);
        await subscriber.NextAsync<ConnectedNotice>();

        var lost = await subscriber.NextAsync<DisconnectedNotice>();

        Assert.Equal((DisconnectReason.Network, TimeSpan.FromSeconds(8.5)), (lost.Reason, lost.Delay));
    }

    /// <summary>Wherever a connection breaks, what was whole is handed out once, and the next one begins behind it.</summary>
    [Fact]
    public async Task SubscribeAsync_CutAtAnyByte_LosesAndRepeatsNothing()
    {
        byte[] Frames(params string[] ids) => [.. ids.SelectMany(static id => FakeFrames.Write(FakeFrames.Binary, FakeFrames.WriteEvent(id, Encoding.UTF8.GetBytes(id))))];
        var all = Frames("1-b", "1-c");
        var one = Frames("1-b").Length;
        var acts = Enumerable.Range(0, all.Length + 1).Select(cut => (Func<FakeExchange, Task>)(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync(all[..cut]);
        }));
        await using var hub = new FakeHub([.. acts]);
        for (var cut = 0; cut <= all.Length; cut++)
        {
            await using var subscriber = new Subscriber(hub, Transport.WebSocket);
            await subscriber.NextAsync<ConnectedNotice>();
            List<string> whole = cut < one ? [] : cut < all.Length ? ["1-b"] : ["1-b", "1-c"];
            foreach (var id in whole)
            {
                Assert.Equal(id, (await subscriber.NextAsync<ReceivedEvent>()).Text);
            }

            var lost = await subscriber.NextAsync<DisconnectedNotice>();
            Assert.Equal((DisconnectReason.Network, whole.LastOrDefault("1-a")), (lost.Reason, lost.Cursor));
        }
    }
}
