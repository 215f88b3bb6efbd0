using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>A Mercure hub whose host decides who is who: everybody is Ann here, at the hub's own endpoints as at Mercure's.</summary>
public sealed class HostedTests : IAccessCallback, IAsyncLifetime
{
    private HubServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask<AccessDecision?> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken) => new(new AccessDecision
    {
        Subject = "ann",
        Publish = ["**"],
        Subscribe = context.Request.Headers["X-Session"] == "narrow" ? ["news"] : ["**"],
    });

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync(
        static options =>
        {
            MercureHub.Configure(options);
            options.Mercure.Subscriptions = true;
        },
        configureHost: builder => builder.Services.AddSingleton<IAccessCallback>(this),
        sockets: HostSockets.Native);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Renewal_OfAMercureConnection_IsNotForTheHubsOwnEndpoint()
    {
        var topic = MercureHub.NewTopic();
        using var own = await StreamSubscriber.OpenAsync(_server.Client, $"/events?topic={Uri.EscapeDataString(topic)}");
        using var mercure = await MercureHub.SubscribeAsync(_server, $"match={topic}&signals=1");
        var (ownId, mercureId) = (await ConnectionAsync(own), await ConnectionAsync(mercure));
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "1"));
        Assert.Equal(("1", "1"), ((await own.NextAsync()).Data, (await mercure.NextAsync()).Data)); // So loops have both.

        var ofOwn = await RenewAsync(ownId);
        var ofMercure = await RenewAsync(mercureId);
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "2"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (ofOwn.Status, ofMercure.Status)); // The same holder, so that it is not for this that one is refused.
        Assert.Contains("urn:spillway:problem:unknown-connection", ofMercure.Answer, StringComparison.Ordinal);
        Assert.Equal("2", (await mercure.NextAsync()).Data); // And goes on as it was.
    }

    [Fact]
    public async Task U3_WhomTheHostLetsIn_GetsWhatItGrants()
    {
        using var all = await _server.Client.GetAsync(new Uri(MercureHub.Path + "/subscriptions", UriKind.Relative), Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, MercureHub.Path + "/subscriptions") { Headers = { { "X-Session", "narrow" } } };
        using var narrow = await _server.Client.SendAsync(request, Token);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (all.StatusCode, all.Content.Headers.ContentType?.MediaType)); // In the words of draft 8, for the host has said no others.
        Assert.Equal(HttpStatusCode.Forbidden, narrow.StatusCode);
    }

    private static async Task<string> ConnectionAsync(StreamSubscriber subscriber)
    {
        var opening = await subscriber.NextAsync();
        Assert.Equal("spillway-open", opening.Type);
        return JsonElement.Parse(opening.Data).GetProperty("connection").GetString()!;
    }

    private async Task<(HttpStatusCode Status, string Answer)> RenewAsync(string connection)
    {
        using var response = await _server.Client.PostAsync(new Uri($"/connections/{connection}/token", UriKind.Relative), null, Token);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Token));
    }
}
