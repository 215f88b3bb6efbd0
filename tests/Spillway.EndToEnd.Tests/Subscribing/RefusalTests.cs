using System.Net;
using System.Text;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Requests that get no stream, through routing and a real server.</summary>
public sealed class RefusalTests : IAsyncLifetime
{
    private HubServer? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync();

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    [Fact]
    public async Task Get_UnknownFormat_IsAProblemThatNamesTheField()
    {
        using var response = await _server!.Client.GetAsync("/events?topic=a&format=xml", Token);

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal((HttpStatusCode.BadRequest, "application/problem+json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(("urn:spillway:problem:invalid-parameter", "format", 400), (problem.GetProperty("type").GetString(), problem.GetProperty("field").GetString(), problem.GetProperty("status").GetInt32()));
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
    }

    [Theory]
    [InlineData("/events", "HEAD")]
    [InlineData("/events", "DELETE")]
    [InlineData("/subscribe", "GET")]
    public async Task OtherMethod_OnAnEndpoint_IsNotAllowedAndSaysWhatIs(string path, string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path + "?topic=a");
        using var response = await _server!.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.NotEmpty(response.Content.Headers.Allow);
        Assert.DoesNotContain(method, response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("text/html", 406)]
    [InlineData("text/event-stream;q=0, */*;q=0", 406)]
    [InlineData("application/json", 200)]
    [InlineData("text/event-stream;q=0, */*", 200)]
    [InlineData("text/html, */*;q=0.1", 200)]
    [InlineData("text/event-stream", 200)]
    public async Task Get_Accept_DecidesOverTheTransport(string accept, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?topic=a");
        Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
        using var response = await _server!.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Post_OverlongBody_IsTooLarge()
    {
        using var content = new StringContent("{\"_\":\"" + new string('x', 1024 * 1024) + "\"}", Encoding.UTF8, "application/json");
        using var response = await _server!.Client.PostAsync("/subscribe", content, Token);

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal((413, "Limits:SubscriptionBytes"), ((int)response.StatusCode, problem.GetProperty("option").GetString()));
    }

    /// <summary>A chunk may have extensions, of any length: nothing of a body comes of them, and yet they are read.</summary>
    [Fact]
    public async Task Post_EndlessChunkExtensions_IsTooLargeAndCounted()
    {
        await using var server = await HubServer.StartAsync(static options => options.Limits.SubscriptionBytes = 4_096);
        using var connection = await RawConnection.ConnectAsync(server.Address);
        await connection.SendAsync("POST /subscribe HTTP/1.1", $"Host: {server.Address.Authority}", "Content-Type: application/json", "Transfer-Encoding: chunked");

        await connection.SendBytesAsync(Encoding.ASCII.GetBytes("1;" + new string('x', 20_000))); // And so on; it is not waited for.

        Assert.Contains("HTTP/1.1 413 Payload Too Large", await connection.ReadHeadAsync());
        Assert.Equal(1, server.Metrics.Sum("spillway.transports.refused_subscriptions", "body-too-large"));
    }

    [Fact]
    public async Task Post_OtherContentType_IsUnsupported()
    {
        using var content = new StringContent("topic=a", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await _server!.Client.PostAsync("/subscribe", content, Token);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Get_ManyRefusals_LeaveNoConnectionBehind()
    {
        for (var i = 0; i < 100; i++)
        {
            using var response = await _server!.Client.GetAsync("/events?topic=a&last=0", Token);
        }

        Assert.Equal(0, _server!.Hub.Connections);
    }
}
