using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>The rule of open hubs against requests as they come over a socket, where a header has no name that a library has tidied.</summary>
public sealed class OpenHubTests
{
    [Theory]
    [InlineData("Host: localhost:{port}")]
    [InlineData("Host: 127.0.0.1:{port}")]
    [InlineData("Host: [::1]:{port}")]
    [InlineData("host:LOCALHOST")]
    [InlineData("Host: localhost:{port}\r\nOrigin: http://127.0.0.1:{port}")]
    public async Task Request_PlainlyLocal_IsAnswered(string headers)
    {
        Assert.StartsWith("HTTP/1.1 200", await AskAsync("GET /health/live HTTP/1.1", headers), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /page HTTP/1.1", "Host: example.com")]
    [InlineData("GET /page HTTP/1.1", "Host: example.com:{port}")]
    [InlineData("GET /page HTTP/1.1", "Host:")]
    [InlineData("GET /page HTTP/1.0", "Accept: */*")]
    [InlineData("GET /page HTTP/1.0", "Host: example.com")]
    [InlineData("GET http://example.com/page HTTP/1.1", "Host: example.com")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost\r\nx_forwarded_for: 127.0.0.1")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost\r\nX-ForWarded-FOR:")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost\r\nForwarded: for=127.0.0.1")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost\r\nOrigin: null")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost:{port}\r\nOrigin: http://localhost:1")]
    [InlineData("POST /nothing/here HTTP/1.1", "Host: example.com\r\nContent-Length: 0")]
    [InlineData("OPTIONS /page HTTP/1.1", "Host: localhost\r\nOrigin: https://example.com\r\nAccess-Control-Request-Method: POST")]
    public async Task Request_NotPlainlyLocal_Is403(string line, string headers)
    {
        var answer = await AskAsync(line, headers);

        Assert.StartsWith("HTTP/1.1 403", answer, StringComparison.Ordinal);
        Assert.Contains("urn:spillway:problem:open-hub", answer, StringComparison.Ordinal);
        Assert.Contains("--access", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Access-Control-Allow", answer, StringComparison.OrdinalIgnoreCase);
    }

    // What Kestrel refuses by itself: a Host that two readers could read differently.
    [Theory]
    [InlineData("GET /page HTTP/1.1", "Accept: */*")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost\r\nHost: example.com")]
    [InlineData("GET /page HTTP/1.1", "Host: localhost\r\nX-Forwarded-For : 127.0.0.1")]
    [InlineData("GET http://example.com/page HTTP/1.1", "Host: localhost")]
    public async Task Request_Ambiguous_Is400(string line, string headers)
    {
        Assert.StartsWith("HTTP/1.1 400", await AskAsync(line, headers), StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(string line, string headers)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var host = await OperationsHost.StartAsync(cancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, host.Address.Port, cancellationToken);
        await using var stream = client.GetStream();
        var request = $"{line}\r\n{headers}\r\nConnection: close\r\n\r\n".Replace("{port}", $"{host.Address.Port}", StringComparison.Ordinal);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), cancellationToken);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
