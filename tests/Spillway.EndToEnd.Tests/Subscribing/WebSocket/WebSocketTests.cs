using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Spillway.Events;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

public sealed class WebSocketTests
{
    private const string Json = "spillway.v1.json";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connect_EventsComeAndResumeContinues_NothingIsMissed()
    {
        await using var server = await HubServer.StartAsync();
        string cursor;
        using (var socket = await ConnectAsync(server, "events?topic=a&pattern=b/**", Json))
        {
            Assert.Equal(Json, socket.SubProtocol);
            var open = await ReceiveAsync(socket);
            Assert.Equal(("open", 1), (open.GetProperty("signal").GetString(), open.GetProperty("protocol").GetInt32()));
            await PublishAsync(server, "a", "one");
            await PublishAsync(server, "c", "not for it");
            await PublishAsync(server, "b/1", "two");
            var first = await ReceiveAsync(socket);
            Assert.Equal(("a", "one"), (first.GetProperty("topic").GetString(), first.GetProperty("payload").GetString()));
            Assert.Equal("two", (await ReceiveAsync(socket)).GetProperty("payload").GetString());
            cursor = first.GetProperty("id").GetString()!;
        }

        using var again = await ConnectAsync(server, $"events?topic=a&pattern=b/**&cursor={cursor}");
        Assert.Equal("open", (await ReceiveAsync(again)).GetProperty("signal").GetString());
        Assert.Equal("two", (await ReceiveAsync(again)).GetProperty("payload").GetString());
    }

    [Fact]
    public async Task Commands_WhileLive_ChangeTheSetAtTheCursorThatIsAnswered()
    {
        await using var server = await HubServer.StartAsync();
        using var socket = await ConnectAsync(server, "events?topic=a", Json);
        await ReceiveAsync(socket);
        await PublishAsync(server, "b", "before");
        await SendAsync(socket, """{"command":"subscribe","ref":1,"topics":["b"],"patterns":["c/*"]}""");
        var reply = await ReceiveAsync(socket);
        Assert.Equal(1, reply.GetProperty("reply").GetInt32());
        Assert.NotEmpty(reply.GetProperty("cursor").GetString()!);
        await PublishAsync(server, "b", "1");
        await PublishAsync(server, "a", "2");
        await PublishAsync(server, "c/x", "3");
        Assert.Equal(["1", "2", "3"], await ReceivePayloadsAsync(socket, 3));

        await SendAsync(socket, """{"command":"unsubscribe","ref":"two","topics":["a"]}""");
        Assert.Equal("two", (await ReceiveAsync(socket)).GetProperty("reply").GetString());
        await PublishAsync(server, "a", "4");
        await PublishAsync(server, "b", "5");
        Assert.Equal(["5"], await ReceivePayloadsAsync(socket, 1));
    }

    [Theory]
    [InlineData("{", "invalid-json")]
    [InlineData("[]", "invalid-json")]
    [InlineData("""{"command":"fly"}""", "invalid-parameter")]
    [InlineData("""{"command":"subscribe","topics":[]}""", "invalid-parameter")]
    [InlineData("""{"command":"subscribe","topics":["a/*"]}""", "invalid-topic")]
    [InlineData("""{"command":"subscribe","topics":["x"],"cursor":"y"}""", "invalid-parameter")]
    [InlineData("""{"command":"unsubscribe","topics":["a"]}""", "invalid-parameter")]
    [InlineData("""{"command":"token","token":"x"}""", "nothing-to-renew")]
    public async Task Commands_Bad_AreAnsweredWithAProblemAndTheStreamGoesOn(string command, string problem)
    {
        await using var server = await HubServer.StartAsync();
        using var socket = await ConnectAsync(server, "events?topic=a", Json);
        await ReceiveAsync(socket);
        await SendAsync(socket, command);
        Assert.Equal("urn:spillway:problem:" + problem, (await ReceiveAsync(socket)).GetProperty("problem").GetProperty("type").GetString());
        await PublishAsync(server, "a", "on");
        Assert.Equal(["on"], await ReceivePayloadsAsync(socket, 1));
    }

    [Fact]
    public async Task Close_ByTheClient_IsAnswered()
    {
        await using var server = await HubServer.StartAsync();
        using var socket = await ConnectAsync(server, "events?topic=a", Json);
        await ReceiveAsync(socket);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Token).WaitAsync(Patience, Token);
        Assert.Equal((WebSocketState.Closed, WebSocketCloseStatus.NormalClosure), (socket.State, socket.CloseStatus));
    }

    [Fact]
    public async Task End_AllTopicsHaveEnded_IsToldAndClosesWithItsCode()
    {
        await using var server = await HubServer.StartAsync();
        using var socket = await ConnectAsync(server, "events?topic=a", Json);
        await ReceiveAsync(socket);
        await server.Publisher.PublishAsync(new PushEvent { Topic = "a", Payload = "last"u8.ToArray(), Final = true }, Token);
        Assert.Equal(["last"], await ReceivePayloadsAsync(socket, 1));
        Assert.Equal("end", (await ReceiveAsync(socket)).GetProperty("signal").GetString());
        Assert.Equal(4000, await ReceiveCloseAsync(socket));
    }

    [Theory]
    [InlineData("binary", 1003)]
    [InlineData("too big", 1009)]
    [InlineData("too many", 4003)]
    public async Task Messages_BeyondWhatIsTaken_CloseWithTheirCode(string what, int code)
    {
        await using var server = await HubServer.StartAsync(what == "too many" ? static options => options.WebSocket.MessagesPerSecond = 1 : null);
        using var socket = await ConnectAsync(server, "events?topic=a", Json);
        await ReceiveAsync(socket);
        for (var i = 0; i < (what == "too many" ? 30 : 1) && socket.State == WebSocketState.Open; i++)
        {
            await socket.SendAsync(
                what == "too big" ? new byte[20_000] : """{"command":"ping"}"""u8.ToArray(), what == "binary" ? WebSocketMessageType.Binary : WebSocketMessageType.Text, true, Token);
        }

        Assert.Equal(code, await ReceiveCloseAsync(socket));
    }

    [Fact]
    public async Task Connect_BinarySubprotocol_LeavesPayloadsUntouched()
    {
        await using var server = await HubServer.StartAsync();
        using var socket = await ConnectAsync(server, "events?topic=a", "spillway.v1.binary");
        await ReceiveAsync(socket);
        byte[] payload = [0, 255, 10, 13, .. Encoding.UTF8.GetBytes(new string('x', 70_000))];
        await server.Publisher.PublishAsync(new PushEvent { Topic = "a", Payload = payload, Type = "t", Key = "k", ContentType = "application/octet-stream" }, Token);
        var (message, type) = await ReceiveBytesAsync(socket);
        Assert.Equal((WebSocketMessageType.Binary, (byte)1), (type, message[0]));
        var head = BitConverter.ToUInt16(message, 2);
        Assert.Equal(payload, message[head..]);
        Assert.EndsWith("tkapplication/octet-streama", Encoding.UTF8.GetString(message, 20, head - 20), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_UnknownSubprotocol_IsRefused()
    {
        await using var server = await HubServer.StartAsync();
        var fault = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, "events?topic=a", "mqtt"));
        Assert.Contains("400", fault.Message, StringComparison.Ordinal);
    }

    private static async Task<ClientWebSocket> ConnectAsync(HubServer server, string path, string? protocol = null)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null)
        {
            socket.Options.AddSubProtocol(protocol);
        }

        await socket.ConnectAsync(new UriBuilder(new Uri(server.Address, path)) { Scheme = "ws" }.Uri, Token).WaitAsync(Patience, Token);
        return socket;
    }

    private static Task<PublishResult> PublishAsync(HubServer server, string topic, string payload) =>
        server.Publisher.PublishAsync(new PushEvent { Topic = topic, Payload = Encoding.UTF8.GetBytes(payload), ContentType = "text/plain" }, Token).AsTask();

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Token);

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket) => JsonSerializer.Deserialize<JsonElement>((await ReceiveBytesAsync(socket)).Bytes);

    private static async Task<List<string>> ReceivePayloadsAsync(ClientWebSocket socket, int count)
    {
        var payloads = new List<string>();
        while (payloads.Count < count)
        {
            payloads.Add((await ReceiveAsync(socket)).GetProperty("payload").GetString()!);
        }

        return payloads;
    }

    private static async Task<int> ReceiveCloseAsync(ClientWebSocket socket)
    {
        while (true)
        {
            var (bytes, type) = await ReceiveBytesAsync(socket);
            if (type == WebSocketMessageType.Close)
            {
                return (int)socket.CloseStatus!.Value;
            }

            Assert.NotEmpty(bytes);
        }
    }

    private static async Task<(byte[] Bytes, WebSocketMessageType Type)> ReceiveBytesAsync(ClientWebSocket socket)
    {
        var (message, buffer) = (new List<byte>(), new byte[16_384]);
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, Token).WaitAsync(Patience, Token);
            message.AddRange(buffer.AsSpan(0, result.Count));
            if (result.EndOfMessage)
            {
                return ([.. message], result.MessageType);
            }
        }
    }
}
