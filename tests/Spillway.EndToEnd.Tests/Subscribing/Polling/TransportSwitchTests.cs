using System.Net;
using System.Net.WebSockets;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Subscribing.Polling;

/// <summary>Which transport answers, and what is said where one is off.</summary>
public sealed class TransportSwitchTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("*/*", "text/event-stream")]
    [InlineData(null, "text/event-stream")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("application/json;q=0.5, text/event-stream", "text/event-stream")]
    [InlineData("application/json, text/event-stream", "text/event-stream")]
    public async Task Get_Accept_DecidesOverTheTransport(string? accept, string contentType)
    {
        await using var server = await HubServer.StartAsync();

        using var response = await GetAsync(server, accept);

        Assert.Equal((HttpStatusCode.OK, contentType), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
    }

    [Theory]
    [InlineData("text/event-stream", false, true, "application/json")]
    [InlineData("application/json", true, false, "text/event-stream")]
    [InlineData("text/html", true, true, "text/event-stream")]
    public async Task Get_TransportThatIsOff_IsNotAcceptableAndSaysWhatIs(string accept, bool streams, bool polls, string offered)
    {
        await using var server = await HubServer.StartAsync(options => (options.Sse.Enabled, options.Polling.Enabled) = (streams, polls));

        using var response = await GetAsync(server, accept);

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal((HttpStatusCode.NotAcceptable, "urn:spillway:problem:not-acceptable"), (response.StatusCode, problem.GetProperty("type").GetString()));
        Assert.Contains(offered, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_StreamsAreOffAndAnythingIsTaken_IsAPoll()
    {
        await using var server = await HubServer.StartAsync(static options => options.Sse.Enabled = false);

        using var response = await GetAsync(server, "*/*");

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Upgrade_WebSocketIsOff_IsNotImplemented()
    {
        await using var server = await HubServer.StartAsync(static options => options.WebSocket.Enabled = false);
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"ws://{server.Address.Authority}/events?topic=a"), Token));

        Assert.Equal(HttpStatusCode.NotImplemented, socket.HttpStatusCode);
    }

    [Fact]
    public async Task Connect_WebSocketIsOff_IsNotImplemented()
    {
        await using var server = await HubServer.StartAsync(static options => options.WebSocket.Enabled = false);
        using var client = server.CreateHttp2Client();
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true, HttpVersion = HttpVersion.Version20, HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact } };

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(new Uri($"wss://{server.SecureAddress.Authority}/events?topic=a"), client, Token));

        Assert.Equal(HttpStatusCode.NotImplemented, socket.HttpStatusCode);
    }

    private static Task<HttpResponseMessage> GetAsync(HubServer server, string? accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/events?topic=a");
        if (accept is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
        }

        return server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
