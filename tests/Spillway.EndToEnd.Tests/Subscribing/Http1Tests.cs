using System.Text;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>The bytes on a connection of HTTP/1.0 and 1.1.</summary>
public sealed class Http1Tests
{
    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task Stream_Http11_IsChunkedAndLeavesTheConnectionUsableUnlessItIsParked(HostSockets sockets)
    {
        var isParked = sockets != HostSockets.Kestrel;
        await using var server = await HubServer.StartAsync(sockets: sockets);
        using var connection = await RawConnection.ConnectAsync(server.Address);

        await connection.SendAsync("GET /events?topic=a HTTP/1.1", "Host: localhost");
        var head = await connection.ReadHeadAsync();
        var open = await connection.ReadEventsAsync();
        await server.PublishAsync("a", "line\r\nline", "typed");
        var published = await connection.ReadEventsAsync();
        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);
        var end = await connection.ReadEventsAsync();
        var last = await connection.ReadChunkAsync();

        Assert.Equal("HTTP/1.1 200 OK", head[0]);
        Assert.Equal(
            [
                "Cache-Control: no-store, no-transform",
                .. isParked ? ["Connection: close"] : Array.Empty<string>(), // So that a proxy does not send its next request here.
                "Content-Type: text/event-stream", "Transfer-Encoding: chunked", "X-Accel-Buffering: no",
            ],
            head[1..].Where(static line => !line.StartsWith("Date:", StringComparison.Ordinal) && !line.StartsWith("Server:", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("spillway-open", Assert.Single(open).Type);
        Assert.Equal(("typed", "line\nline"), (published[0].Type, published[0].Data));
        Assert.Equal("spillway-end", Assert.Single(end).Type);
        Assert.Empty(last);
        if (isParked)
        {
            Assert.Equal("", await connection.ReadToEndAsync());
            return;
        }

        await connection.SendAsync("GET /events?topic=a HTTP/1.1", "Host: localhost", $"Last-Event-ID: {published[0].LastEventId}");
        Assert.Equal("HTTP/1.1 204 No Content", (await connection.ReadHeadAsync())[0]);
    }

    [Fact]
    public async Task Stream_Http10_HasNoFramingAndEndsWithTheConnection()
    {
        await using var server = await HubServer.StartAsync();
        using var connection = await RawConnection.ConnectAsync(server.Address);

        await connection.SendAsync("GET /events?topic=a&signals=off HTTP/1.0");
        var head = await connection.ReadHeadAsync();
        var opening = await connection.ReadUntilAsync("\n\n");
        await server.PublishAsync("a", "x");
        var published = await connection.ReadUntilAsync("\n\n");
        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);
        var rest = await connection.ReadToEndAsync();

        Assert.EndsWith(" 200 OK", head[0], StringComparison.Ordinal);
        Assert.Contains("Connection: close", head);
        Assert.DoesNotContain(head, static line => line.StartsWith("Transfer-Encoding", StringComparison.Ordinal) || line.StartsWith("Content-Length", StringComparison.Ordinal));
        Assert.Matches("^retry: [0-9]{4}\nid: [a-z0-9]+-[a-z0-9]+\n\n$", opening);
        Assert.Matches("^id: [a-z0-9]+-[a-z0-9]+\ndata: x\n\n$", published);
        Assert.Equal("", rest);
    }

    [Fact]
    public async Task Stream_QuietConnection_GetsACommentThatEndsNoBlock()
    {
        await using var server = await HubServer.StartAsync(static options => options.Sse.KeepAlive = TimeSpan.FromSeconds(1));
        using var connection = await RawConnection.ConnectAsync(server.Address);
        await connection.SendAsync("GET /events?topic=a HTTP/1.1", "Host: localhost");
        await connection.ReadHeadAsync();
        await connection.ReadEventsAsync();

        var keepAlive = await connection.ReadChunkAsync();

        Assert.Equal(":\n", Encoding.UTF8.GetString(keepAlive));
    }

    [Fact]
    public async Task Stream_SignalsOff_IsQuietBehindAMovedHead()
    {
        await using var server = await HubServer.StartAsync(static options => options.Sse.KeepAlive = TimeSpan.FromSeconds(1));
        using var connection = await RawConnection.ConnectAsync(server.Address);
        await connection.SendAsync("GET /events?topic=a&signals=off HTTP/1.1", "Host: localhost");
        await connection.ReadHeadAsync();
        await connection.ReadChunkAsync();

        await server.PublishAsync("b", "for somebody else");
        var keepAlive = await connection.ReadChunkAsync();

        Assert.Equal(":\n", Encoding.UTF8.GetString(keepAlive));
    }

    [Fact]
    public async Task Stream_ClientResets_IsForgotten()
    {
        await using var server = await HubServer.StartAsync();
        using var connection = await RawConnection.ConnectAsync(server.Address);
        await connection.SendAsync("GET /events?topic=a HTTP/1.1", "Host: localhost");
        await connection.ReadHeadAsync();
        await connection.ReadEventsAsync();
        await server.WaitForConnectionsAsync(1);

        connection.Reset();

        await server.WaitForConnectionsAsync(0);
    }
}
