using System.Net;
using System.Text;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing.WebSocket;

/// <summary>Requests for a WebSocket, good and bad, as they are on the wire: RFC 6455, section 4.2, and RFC 8441.</summary>
public sealed class HandshakeTests
{
    private const string Refused = "spillway.transports.refused_subscriptions";

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426, "upgrade-required")]
    [InlineData("Sec-WebSocket-Version: 13", "X: y", 426, "upgrade-required")]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13, 8", 426, "upgrade-required")]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13", 426, "upgrade-required")]
    [InlineData(WireSocket.Key, "dGhlIHNhbXBsZSBub25j", 400, "invalid-parameter")] // 15 bytes.
    [InlineData(WireSocket.Key, "dGhlIHNhbXBsZSBub25jZWU=", 400, "invalid-parameter")] // 17 bytes.
    [InlineData(WireSocket.Key, "dGhlIHNhbXBsZSBub25j!!==", 400, "invalid-parameter")] // Not base64.
    [InlineData(WireSocket.Key, "", 400, "invalid-parameter")]
    [InlineData(WireSocket.Key, WireSocket.Key + "\r\nSec-WebSocket-Key: " + WireSocket.Key, 400, "invalid-parameter")]
    [InlineData("Connection: Upgrade", "Connection: keep-alive", 400, "invalid-parameter")]
    [InlineData("Connection: Upgrade", "Connection: Upgrade\r\nContent-Length: 3", 400, "invalid-parameter")]
    [InlineData("HTTP/1.1\r\n", "HTTP/1.0\r\n", 400, "invalid-parameter")]
    [InlineData("topic=a", "topic=a&cursors=1", 400, "invalid-parameter")]
    [InlineData("topic=a", "", 400, "invalid-parameter")]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt, spillway.v2.json", 400, "invalid-parameter")]
    public async Task Request_ThatIsNotGood_IsAnsweredOverHttp(string part, string other, int status, string problem)
    {
        await using var server = await PatientHub.StartAsync();
        using var connection = await RawConnection.ConnectAsync(server.Address);
        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(WireSocket.Head(server.Address, "topic=a").Replace(part, other, StringComparison.Ordinal) + "abc"));

        var head = await connection.ReadHeadAsync();

        Assert.StartsWith($"HTTP/1.1 {status} ", head[0], StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", head);
        Assert.Equal(status == 426, head.Contains("Sec-WebSocket-Version: 13"));
        Assert.DoesNotContain(head, static line => line.StartsWith("Upgrade", StringComparison.Ordinal));
        Assert.Equal(1, server.Metrics.Sum(Refused, problem));
        Assert.Equal(0, server.Hub.Connections);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("Sec-WebSocket-Protocol: spillway.v1.json", "spillway.v1.json")]
    [InlineData("Sec-WebSocket-Protocol: spillway.v1.binary", "spillway.v1.binary")]
    [InlineData("Sec-WebSocket-Protocol: mqtt, spillway.v1.binary,spillway.v1.json", "spillway.v1.binary")]
    [InlineData("Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: spillway.v1.json", "spillway.v1.json")]
    [InlineData("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits", null)]
    [InlineData("Sec-WebSocket-Extensions: x-webkit-deflate-frame, permessage-deflate", null)]
    public async Task Request_Good_AgreesToASubprotocolAndToNoExtension(string line, string? agreed)
    {
        await using var server = await PatientHub.StartAsync();
        using var connection = await RawConnection.ConnectAsync(server.Address);
        string[] more = line.Length == 0 ? [] : [line];
        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(WireSocket.Head(server.Address, "topic=a", more).Replace("Connection: Upgrade", "Connection: keep-alive, upgrade", StringComparison.Ordinal)));

        var head = await connection.ReadHeadAsync();

        Assert.StartsWith("HTTP/1.1 101 ", head[0], StringComparison.Ordinal);
        Assert.Equal(agreed, head.SingleOrDefault(static one => one.StartsWith("Sec-WebSocket-Protocol: ", StringComparison.Ordinal))?["Sec-WebSocket-Protocol: ".Length..]);
        Assert.DoesNotContain(head, static one => one.StartsWith("Sec-WebSocket-Extensions", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Request_OtherMethodOrUpgrade_IsNoWebSocket()
    {
        await using var server = await PatientHub.StartAsync();
        foreach (var (part, other, status) in ((string, string, int)[])[("GET ", "POST ", 411), ("GET ", "PUT ", 405), ("Upgrade: websocket", "Upgrade: h2c", 200), ("Upgrade: websocket", "Upgrade: websockets", 200)])
        {
            using var connection = await RawConnection.ConnectAsync(server.Address);
            await connection.SendBytesAsync(Encoding.ASCII.GetBytes(WireSocket.Head(server.Address, "topic=a").Replace(part, other, StringComparison.Ordinal)));
            var head = await connection.ReadHeadAsync();
            Assert.DoesNotContain(" 101 ", head[0], StringComparison.Ordinal);
            Assert.True(status is 411 || head[0].Contains($" {status} ", StringComparison.Ordinal), $"{other}: {head[0]}");
        }
    }

    [Fact]
    public async Task Request_FramesRightBehindIt_AreRead()
    {
        await using var server = await PatientHub.StartAsync();
        using var socket = await WireSocket.OpenAsync(server, behind: [.. ClientFrame.Of(ClientFrame.Ping, "p"u8), .. ClientFrame.Of(ClientFrame.Text, "{\"command\":\"ping\",\"ref\":9}"u8)]);
        Assert.Equal("pong 1", (await socket.ReadAsync()).ToString());
        Assert.Equal("{\"reply\":9}", (await socket.ReadAsync()).ToString());

        using var faulty = await WireSocket.OpenAsync(server, behind: ClientFrame.Of(3));
        Assert.Equal(1002, await faulty.ReadCloseAsync());
    }

    [Theory]
    [InlineData("13", "mqtt", HttpStatusCode.BadRequest)]
    [InlineData("12", null, HttpStatusCode.UpgradeRequired)]
    public async Task Request_OverHttp2ThatIsNotGood_IsAnsweredWithItsStatus(string version, string? protocol, HttpStatusCode status)
    {
        await using var server = await PatientHub.StartAsync();
        using var client = server.CreateHttp2Client();
        using var request = new HttpRequestMessage(HttpMethod.Connect, "/events?topic=a") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Protocol = "websocket";
        request.Headers.Add("Sec-WebSocket-Version", version);
        if (protocol is not null)
        {
            request.Headers.Add("Sec-WebSocket-Protocol", protocol);
        }

        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Request_HubIsFull_IsToldWhenToComeBack()
    {
        await using var server = await PatientHub.StartAsync(static options => options.Limits.Connections = 1);
        using var first = await WireSocket.OpenAsync(server);
        using var connection = await RawConnection.ConnectAsync(server.Address);
        await connection.SendBytesAsync(Encoding.ASCII.GetBytes(WireSocket.Head(server.Address, "topic=a")));

        var head = await connection.ReadHeadAsync();

        Assert.StartsWith("HTTP/1.1 503 ", head[0], StringComparison.Ordinal);
        Assert.Contains(head, static line => line.StartsWith("Retry-After: ", StringComparison.Ordinal));
        Assert.Equal(1, server.Metrics.Sum(Refused, "overloaded"));
    }
}
