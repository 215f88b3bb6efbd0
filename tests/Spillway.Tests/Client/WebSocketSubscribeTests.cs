using System.Text;
using Spillway.Client;
using Spillway.Client.WebSockets;

namespace Spillway.Tests.Client;

public sealed class WebSocketSubscribeTests
{
    [Fact]
    public void Accept_KeyOfTheStandardsExample_IsItsAnswer() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", Handshake.Accept("dGhlIHNhbXBsZSBub25jZQ==")); // RFC 6455, section 1.3.

    [Fact]
    public async Task SubscribeAsync_Handshake_OffersBinaryFirstAndStatesTheSubscription()
    {
        await using var hub = new FakeHub(static exchange => exchange.OpenAsync("1-a"), static exchange => exchange.OpenAsync("1-a"));
        await using var subscriber = new Subscriber(hub, new SubscribeOptions
        {
            Topics = ["a/ä &"],
            Patterns = ["b/*"],
            Start = StartingPoint.Last(3),
            Latest = true,
            Batch = TimeSpan.FromMilliseconds(200),
            Transport = Transport.WebSocket,
        });

        await subscriber.NextAsync<ConnectedNotice>();
        var lost = await subscriber.NextAsync<DisconnectedNotice>();
        await subscriber.NextAsync<ConnectedNotice>(lost.Delay);

        const string Selectors = "/hub/events?topic=a%2F%C3%A4%20%26&pattern=b%2F%2A&latest&batch=200ms";
        Assert.Equal([Selectors + "&last=3", Selectors], hub.Requests.Select(static request => request.Target));
        var headers = hub.Requests[1].Headers;
        Assert.Equal(("Upgrade", "websocket", "13", "spillway.v1.binary, spillway.v1.json", "1-a"),
            (headers["Connection"], headers["Upgrade"], headers["Sec-WebSocket-Version"], headers["Sec-WebSocket-Protocol"], headers["Last-Event-ID"]));
        Assert.NotEqual(hub.Requests[0].Headers["Sec-WebSocket-Key"], headers["Sec-WebSocket-Key"]);
        Assert.StartsWith("dotnet/", headers["Spillway-Client"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubscribeAsync_BinaryEvents_AreWhatWasPublishedByteForByte()
    {
        byte[] payload = [0, 0xFF, 10, 13, .. Encoding.UTF8.GetBytes(new string('x', 100_000))];
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync(FakeFrames.Write(FakeFrames.Binary, FakeFrames.WriteEvent("1-b", payload, "a/ä", "t", "k", "application/octet-stream", "00-1-2-01", more: 7)));
            await exchange.SendAsync(FakeFrames.Write(FakeFrames.Binary, [2, 1, 2, 3])); // Of a later version.
            await exchange.SendAsync(FakeFrames.Write(FakeFrames.Binary, FakeFrames.WriteEvent("1-c", [])));
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        await subscriber.NextAsync<ConnectedNotice>();
        var full = await subscriber.NextAsync<ReceivedEvent>();
        var bare = await subscriber.NextAsync<ReceivedEvent>();

        Assert.Equal(("1-b", "a/ä", "t", "k", "application/octet-stream", "00-1-2-01"), (full.Cursor, full.Topic, full.Type, full.Key, full.ContentType, full.TraceParent));
        Assert.Equal(new DateTimeOffset(2026, 1, 31, 8, 0, 0, 123, TimeSpan.Zero), full.Time);
        Assert.Equal(payload, full.Payload.ToArray());
        Assert.Equal(("1-c", "a", null, null, null, null, 0), (bare.Cursor, bare.Topic, bare.Type, bare.Key, bare.ContentType, bare.TraceParent, bare.Payload.Length));
    }

    [Fact]
    public async Task SubscribeAsync_HubThatChoosesJson_IsUnderstoodToo()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a", protocol: Handshake.Json);
            await exchange.SendAsync(FakeFrames.WriteText("""{"id":"1-b","topic":"a","type":"t","time":"2026-01-31T08:00:00.123Z","contentType":"application/json","payload":{"x": [1]}}"""));
            await exchange.SendAsync(FakeFrames.WriteText("""{"reply":7,"cursor":"1-z"}"""));
            await exchange.SendAsync(FakeFrames.WriteText("""{"topic":"a","payloadBase64":"AP8=","id":"1-c"}"""));
            await exchange.SendAsync(FakeFrames.WriteText($$"""{"id":"1-d","topic":"a","payload":"{{new string('x', 2_000)}}"}"""));
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, new SubscribeOptions { Topics = ["a"], Transport = Transport.WebSocket, MaxEventBytes = 1_024 });

        await subscriber.NextAsync<ConnectedNotice>();
        var first = await subscriber.NextAsync<ReceivedEvent>();
        var second = await subscriber.NextAsync<ReceivedEvent>();
        var gap = await subscriber.NextAsync<GapNotice>();

        Assert.Equal(("1-b", "t", "{\"x\": [1]}"), (first.Cursor, first.Type, first.Text));
        Assert.Equal(("1-c", 2), (second.Cursor, second.Payload.Length));
        Assert.Equal((GapReason.Oversized, "1-c", "1-d"), (gap.Reason, gap.From, gap.To));
    }

    [Fact]
    public async Task SubscribeAsync_EventInManyFragments_IsOneEvent()
    {
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            var message = FakeFrames.WriteEvent("1-b", Encoding.UTF8.GetBytes(new string('x', 3_000)));
            for (var at = 0; at < message.Length; at += 100)
            {
                var end = Math.Min(at + 100, message.Length);
                await exchange.SendAsync(FakeFrames.Write(at == 0 ? FakeFrames.Binary : FakeFrames.Continuation, message.AsSpan(at, end - at), end == message.Length));
                await exchange.SendAsync(FakeFrames.Write(FakeFrames.Ping, [1]));
            }

            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        await subscriber.NextAsync<ConnectedNotice>();

        Assert.Equal(new string('x', 3_000), (await subscriber.NextAsync<ReceivedEvent>()).Text);
    }

    [Fact]
    public async Task SubscribeAsync_HubPings_GetsPongs()
    {
        var pong = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            await exchange.SendAsync(FakeFrames.Write(FakeFrames.Ping, "hub"u8));
            pong.SetResult((await exchange.ReadFrameAsync()).Payload);
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        await subscriber.NextAsync<ConnectedNotice>();
        subscriber.Begin();

        Assert.Equal("hub"u8.ToArray(), await pong.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SubscribeAsync_HubWantsReceipts_GetsThemOfEventsThatWereDealtWithAndNoMoreOften()
    {
        var receipts = new List<string>();
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a", members: ",\"receipts\":1000");
            await exchange.EventAsync("1-b");
            await exchange.EventAsync("1-c");
            await exchange.EventAsync("1-d");
            receipts.Add(Encoding.UTF8.GetString((await exchange.ReadFrameAsync()).Payload));
            await exchange.EventAsync("1-e");
            await exchange.EventAsync("1-f");
            receipts.Add(Encoding.UTF8.GetString((await exchange.ReadFrameAsync()).Payload));
            await exchange.EventAsync("1-g");
            await exchange.UntilClosedAsync();
        });
        await using var subscriber = new Subscriber(hub, Transport.WebSocket);

        await subscriber.NextAsync<ConnectedNotice>();
        await subscriber.NextAsync<ReceivedEvent>();
        subscriber.Clock.Advance(TimeSpan.FromSeconds(0.9));
        await subscriber.NextAsync<ReceivedEvent>(); // Too soon for 1-b.
        subscriber.Clock.Advance(TimeSpan.FromSeconds(0.2));
        await subscriber.NextAsync<ReceivedEvent>(); // Asked for by who has dealt with 1-c.
        subscriber.Clock.Advance(TimeSpan.FromSeconds(0.5));
        await subscriber.NextAsync<ReceivedEvent>();
        await subscriber.NextAsync<ReceivedEvent>();
        subscriber.Clock.Advance(TimeSpan.FromSeconds(0.5));
        await subscriber.NextAsync<ReceivedEvent>();

        Assert.Equal(["""{"command":"receipt","id":"1-c"}""", """{"command":"receipt","id":"1-f"}"""], receipts);
    }

    [Fact]
    public async Task DisposeAsync_ReaderLeaves_ClosesProperly()
    {
        var farewell = new TaskCompletionSource<(byte, byte[])>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hub = new FakeHub(async exchange =>
        {
            await exchange.OpenAsync("1-a");
            farewell.SetResult(await exchange.ReadFrameAsync());
        });
        using var client = new SpillwayClient(hub.Address);

        await foreach (var item in client.SubscribeAsync(new SubscribeOptions { Topics = ["a"], Transport = Transport.WebSocket }, TestContext.Current.CancellationToken))
        {
            Assert.IsType<ConnectedNotice>(item);
            break;
        }

        var (opcode, payload) = await farewell.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal((FakeFrames.CloseFrame, 1000), (opcode, (payload[0] << 8) | payload[1]));
    }

    [Fact]
    public void SubscribeAsync_MoreThanAnAddressTakes_IsRefusedAtOnce()
    {
        using var client = new SpillwayClient(new Uri("http://127.0.0.1:1"));
        EventReader Subscribe(params string[] topics) => client.SubscribeAsync(new SubscribeOptions { Topics = topics, Transport = Transport.WebSocket }, TestContext.Current.CancellationToken);

        var many = Assert.Throws<ArgumentException>(() => Subscribe([.. Enumerable.Repeat("a", 101)]));
        var lengthy = Assert.Throws<ArgumentException>(() => Subscribe([.. Enumerable.Range(0, 80).Select(static i => $"{i}{new string('x', 100)}")]));

        Assert.Contains("at most 100 topics and patterns, and these are 101", many.Message, StringComparison.Ordinal);
        Assert.Contains("another transport", lengthy.Message, StringComparison.Ordinal);
        Assert.NotNull(Subscribe([.. Enumerable.Repeat("a", 100)]));
    }
}
