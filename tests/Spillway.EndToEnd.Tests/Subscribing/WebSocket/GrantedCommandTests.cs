using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Spillway.EndToEnd.Tests.TransportContract;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>Commands of clients whose credential does not allow everything: hosted, and parked.</summary>
public sealed class GrantedCommandTests(AccessHub hub) : IClassFixture<AccessHub>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, HostSockets.Kestrel)]
    [InlineData(1, HostSockets.Native)]
    [InlineData(1, HostSockets.Managed)]
    [InlineData(2, HostSockets.Kestrel)]
    public async Task Commands_WithGrants_AreReducedAndTakenBackByTheirOwnNames(int http, HostSockets sockets)
    {
        var @case = new TransportCase(Transport.WebSocketJson, http, sockets);
        var server = hub.For(@case);
        using var socket = await ConnectAsync(server, @case, "topic=exact");

        await SendAsync(socket, """{"command":"subscribe","ref":1,"patterns":["all/**"]}""");
        Assert.True((await ReceiveAsync(socket)).TryGetProperty("cursor", out _));
        await SendAsync(socket, """{"command":"subscribe","ref":2,"topics":["all/1/secret"]}""");
        var refused = (await ReceiveAsync(socket)).GetProperty("problem");
        await PublishAsync(server, "all/1/secret", "all/1/open", "exact");
        string[] first = [await ReceiveTopicAsync(socket), await ReceiveTopicAsync(socket)];
        await SendAsync(socket, """{"command":"unsubscribe","ref":3,"patterns":["all/**"]}""");
        Assert.True((await ReceiveAsync(socket)).TryGetProperty("cursor", out _));
        await PublishAsync(server, "all/1/open", "exact");

        Assert.Equal(("urn:spillway:problem:not-granted", "all/1/secret"), (refused.GetProperty("type").GetString(), refused.GetProperty("value").GetString()));
        Assert.Equal(["all/1/open", "exact"], first);
        Assert.Equal("exact", await ReceiveTopicAsync(socket));
    }

    private static async Task<ClientWebSocket> ConnectAsync(HubServer server, TransportCase @case, string query)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = @case.HttpVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Authorization", "Bearer " + AccessHub.Wide);
        var address = new UriBuilder(new Uri(server.Endpoint.For(@case), "/events?" + query));
        address.Scheme = address.Scheme == Uri.UriSchemeHttps ? "wss" : "ws";
        using var invoker = new HttpMessageInvoker(server.Endpoint.CreateHandler(), disposeHandler: false);
        await socket.ConnectAsync(address.Uri, invoker, Token).WaitAsync(Patience, Token);
        Assert.Equal("open", (await ReceiveAsync(socket)).GetProperty("signal").GetString());
        return socket;
    }

    private static async Task PublishAsync(HubServer server, params string[] topics)
    {
        foreach (var topic in topics)
        {
            await server.PublishAsync(topic, "x");
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Token);

    private static async Task<string> ReceiveTopicAsync(ClientWebSocket socket) => (await ReceiveAsync(socket)).GetProperty("topic").GetString()!;

    private static async Task<JsonElement> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        var received = await socket.ReceiveAsync(buffer, Token).WaitAsync(Patience, Token);
        Assert.True(received.EndOfMessage);
        return JsonElement.Parse(buffer.AsSpan(0, received.Count));
    }
}
