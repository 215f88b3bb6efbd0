using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>A Mercure hub that clients know by another path than the host: a proxy between makes one the other.</summary>
public sealed class ProxiedPathTests : IAsyncLifetime
{
    private const string Inner = "/inner";
    private const string Outer = "/outer/hub";

    private HubServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync(
        static options =>
        {
            MercureHub.Configure(options);
            (options.Mercure.Path, options.Mercure.Url, options.Mercure.Subscriptions) = (Inner, "https://hub.example" + Outer, true);
        },
        sockets: HostSockets.Native);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task U1_TopicsAndDocuments_AreBelowThePathThatClientsKnow()
    {
        using var watcher = await SubscribeAsync($"{Outer}/subscriptions/{{topic}}/{{subscriber}}");
        using var subscriber = await SubscribeAsync("it");

        JsonElement told;
        do
        {
            told = JsonElement.Parse((await watcher.NextAsync()).Data);
        }
        while (told.GetProperty("topic").GetString() != "it");

        var id = told.GetProperty("id").GetString()!;
        Assert.StartsWith($"{Outer}/subscriptions/it/", id, StringComparison.Ordinal);
        var (status, one) = await GetAsync(Inner + id[Outer.Length..], id); // As the proxy asks.
        Assert.Equal((HttpStatusCode.OK, id), (status, one.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task U3_Grant_IsForThePathThatClientsKnow()
    {
        var (granted, list) = await GetAsync(Inner + "/subscriptions", Outer + "/subscriptions");
        var (other, _) = await GetAsync(Inner + "/subscriptions", Inner + "/subscriptions");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (granted, other));
        Assert.Equal(Outer + "/subscriptions", list.GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(Outer + "/subscriptions/it/urn%3Auuid%3Ax", HttpStatusCode.BadRequest)]
    [InlineData(Inner + "/subscriptions/it/urn%3Auuid%3Ax", HttpStatusCode.OK)] // Nothing of the hub's is there.
    public async Task P2_Publish_IsRefusedWhereTheHubTellsOfSubscriptions(string topic, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Inner) { Content = new FormUrlEncodedContent([KeyValuePair.Create("topic", topic)]) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MercureHub.Classic(publish: ["*"]));
        using var response = await _server.Client.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
    }

    private async Task<StreamSubscriber> SubscribeAsync(string topic)
    {
        using var client = new HttpClient(new TransportContract.BearerHandler(MercureHub.Classic(subscribe: [topic]), _server.Endpoint.CreateHandler())) { BaseAddress = _server.Address };
        return await StreamSubscriber.OpenAsync(client, $"{Inner}?topic={Uri.EscapeDataString(topic)}");
    }

    private async Task<(HttpStatusCode Status, JsonElement Document)> GetAsync(string path, string granted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Address + path[1..]));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", MercureHub.Classic(subscribe: [granted]));
        using var response = await _server.Client.SendAsync(request, Token);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)));
    }
}
