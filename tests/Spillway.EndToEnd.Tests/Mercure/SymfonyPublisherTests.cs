using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>A request as Symfony's component for Mercure makes it: its own form encoding, its Accept, its token.</summary>
public sealed class SymfonyPublisherTests : IAsyncLifetime
{
    private HubServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync(MercureHub.Configure, sockets: HostSockets.Native);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("topic=https%3A%2F%2Fexample.com%2Fbooks%2F1&data=%7B%22status%22%3A%22OutOfStock%22%7D", "message", "{\"status\":\"OutOfStock\"}")]
    [InlineData("topic=https%3A%2F%2Fexample.com%2Fbooks%2F1&topic=https%3A%2F%2Fexample.com%2Fusers%2F1&data=a+b&private=on&id=urn%3Auuid%3A3d3b1f9e-1a51-4a3c-9c4e-3d3a6e1c2b7f&type=stock&retry=10", "stock", "a b")]
    public async Task Publish_ItsForm_IsTaken(string form, string type, string data)
    {
        using var subscriber = await MercureHub.SubscribeAsync(_server, "topic=https%3A%2F%2Fexample.com%2Fbooks%2F%7Bid%7D", MercureHub.Classic(subscribe: ["*"]));
        using var request = new HttpRequestMessage(HttpMethod.Post, MercureHub.Path) { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(form)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MercureHub.Classic(publish: ["*"]));
        request.Headers.Accept.ParseAdd("*/*");
        request.Headers.UserAgent.ParseAdd("Symfony");

        using var response = await _server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var id = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var received = await subscriber.NextAsync();

        Assert.Equal((HttpStatusCode.OK, type, data, id), (response.StatusCode, received.Type, received.Data, received.LastEventId));
    }
}
