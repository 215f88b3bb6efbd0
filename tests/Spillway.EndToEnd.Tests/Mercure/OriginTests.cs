using System.Net;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>What pages of other origins may read of a Mercure hub, and do with a user's cookie: S8 and A8.</summary>
public sealed class OriginTests : IAsyncLifetime
{
    private const string Listed = "https://app.example";
    private const string Foreign = "https://evil.example";

    private HubServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync(
        static options =>
        {
            MercureHub.Configure(options);
            options.Access.Origins.Add(Listed);
            options.Mercure.Anonymous = false;
        },
        sockets: HostSockets.Native);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("match=a", true, HttpStatusCode.OK)]
    [InlineData("match=a", false, HttpStatusCode.Unauthorized)]
    [InlineData("match=a&topic=b", true, HttpStatusCode.BadRequest)]
    public async Task S8_Answer_IsForPagesOfListedOriginsAlone(string query, bool hasToken, HttpStatusCode status)
    {
        foreach (var origin in (string?[])[Listed, Foreign, "null", null])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{MercureHub.Path}?{query}");
            if (hasToken)
            {
                request.Headers.Add("Authorization", "Bearer " + MercureHub.Classic(subscribe: ["a"]));
            }

            AddOrigin(request, origin);
            using var response = await _server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

            Assert.Equal(status, response.StatusCode);
            AssertTold(response, origin == Listed);
            Assert.Equal(origin == Listed, response.Headers.TryGetValues("Access-Control-Expose-Headers", out var exposed) && exposed.Single().Contains("Mercure-Last-Event-ID, Last-Event-ID, Link", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("QUERY")]
    public async Task S8_Preflight_IsAnsweredToListedOriginsAlone(string method)
    {
        foreach (var origin in (string[])[Listed, Foreign])
        {
            using var request = new HttpRequestMessage(HttpMethod.Options, MercureHub.Path) { Headers = { { "Access-Control-Request-Method", method }, { "Access-Control-Request-Headers", "authorization, last-event-id" } } };
            AddOrigin(request, origin);
            using var response = await _server.Client.SendAsync(request, Token);

            Assert.Equal(origin == Listed ? HttpStatusCode.NoContent : HttpStatusCode.Forbidden, response.StatusCode);
            AssertTold(response, origin == Listed);
        }
    }

    [Theory]
    [InlineData("mercureAuthorization", Listed, null, true)]
    [InlineData("mercureAuthorization", Foreign, null, false)]
    [InlineData("mercureAuthorization", null, "cross-site", false)]
    [InlineData("mercureAuthorization", null, null, false)]
    [InlineData("mercureAuthorization", null, "same-origin", true)]
    [InlineData("__Secure-mercure_access_token", Listed, null, true)]
    [InlineData("__Secure-mercure_access_token", Foreign, null, false)]
    public async Task A8_PostByCookie_PublishesOnlyForPagesThatMay(string cookie, string? origin, string? site, bool mayPublish)
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"topic={topic}", MercureHub.Classic(subscribe: ["*"]));
        var token = cookie.StartsWith('_') ? MercureHub.Draft("publish", ("exact", topic)) : MercureHub.Classic(publish: [topic]);
        using var request = new HttpRequestMessage(HttpMethod.Post, MercureHub.Path)
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("topic", topic), KeyValuePair.Create("data", "by a page")]),
            Headers = { { "Cookie", $"{cookie}={token}" } },
        };
        AddOrigin(request, origin);
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        using var response = await _server.Client.SendAsync(request, Token);
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "behind it"));

        Assert.Equal(mayPublish ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(mayPublish ? "by a page" : "behind it", (await subscriber.NextAsync()).Data);
        AssertTold(response, origin == Listed);
    }

    private static void AddOrigin(HttpRequestMessage request, string? origin)
    {
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }
    }

    private static void AssertTold(HttpResponseMessage response, bool isTold)
    {
        string[] expected = isTold ? [Listed, "true"] : []; // Never "*", and never what was asked.
        string[] names = ["Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"];
        Assert.Equal(expected, names.SelectMany(name => response.Headers.TryGetValues(name, out var values) ? values : []));
    }
}
