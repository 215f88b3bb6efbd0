using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Spillway.Tests.Mercure;

/// <summary>The Mercure hub of a host, over sockets.</summary>
public sealed class MercureEndpointsTests
{
    private const string Path = "/.well-known/oauth-protected-resource/.well-known/mercure";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/push")]
    public async Task D1_Document_IsAtItsPlaceWhereverTheHubsEndpointsAre(string prefix)
    {
        await using var app = Build(prefix);
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var answer = await http.GetAsync(Path, Cancellation);

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.StartsWith("{\"resource\":\"https://hub.example/.well-known/mercure\"", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Empty(answer.Headers.WwwAuthenticate); // It tells how to get a token, so it asks for none.
        using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Path), Cancellation);
        Assert.Equal((HttpStatusCode.OK, answer.Content.Headers.ContentLength), (head.StatusCode, head.Content.Headers.ContentLength));
        using var post = await http.PostAsync(Path, null, Cancellation);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "GET, HEAD"), (post.StatusCode, string.Join(", ", post.Content.Headers.Allow)));
    }

    [Fact]
    public async Task MapSpillway_Twice_MapsTheHubOnce()
    {
        await using var app = Build();
        app.MapSpillway("/push");
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var hub = await http.GetAsync("/.well-known/mercure?topic=a", Cancellation);
        using var below = await http.GetAsync("/push/.well-known/mercure?topic=a", Cancellation);
        using var own = await http.GetAsync("/push/events?topic=a", Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (hub.StatusCode, below.StatusCode)); // Of two of the same path the server knows none.
        Assert.Equal(HttpStatusCode.Forbidden, own.StatusCode);
    }

    [Fact]
    public async Task MapSpillway_OnAGroup_MapsTheHubBelowItsPrefix()
    {
        await using var app = Build(map: static app => app.MapGroup("/group").MapSpillway("/push"));
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var below = await http.GetAsync("/group/.well-known/mercure?topic=a", Cancellation);
        using var hub = await http.GetAsync("/.well-known/mercure?topic=a", Cancellation);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.NotFound), (below.StatusCode, hub.StatusCode));
    }

    [Fact]
    public async Task D1_PathBehindAProxyIsAnother_DocumentIsAtBoth()
    {
        await using var app = Build(change: static options => (options.Mercure.Path, options.Mercure.Url) = ("/inner", "https://hub.example/outer"));
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        foreach (var path in new[] { "/inner", "/outer" })
        {
            Assert.Contains("\"https://hub.example/outer\"", await http.GetStringAsync("/.well-known/oauth-protected-resource" + path, Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task D1_DocumentForPagesOfOtherOrigins_IsReadableByThoseThatAreListed()
    {
        await using var app = Build();
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        foreach (var (origin, allowed) in new[] { ("https://listed.example", true), ("https://elsewhere.example", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Path) { Headers = { { "Origin", origin } } };

            using var answer = await http.SendAsync(request, Cancellation);

            Assert.Equal(allowed, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) && values.Single() == origin);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Document_WithoutDraft8OrAHub_IsNotThere(bool enabled)
    {
        await using var app = Build(change: options => (options.Mercure.Enabled, options.Mercure.Dialects) = (enabled, MercureDialects.Classic));
        await app.StartAsync(Cancellation);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var answer = await http.GetAsync(Path, Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task Start_OptionsAreWrong_SaysSoThenAndNotBefore()
    {
        await using var app = Build(change: static options => options.Mercure.PublisherKey = "short");

        var fault = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Cancellation));

        Assert.Contains("Spillway:Mercure:PublisherKey", fault.Message, StringComparison.Ordinal);
    }

    private static WebApplication Build(string prefix = "/", Action<SpillwayOptions>? change = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSpillway(options =>
        {
            options.Access.Mode = AccessMode.Tokens;
            options.Access.Origins.Add("https://listed.example");
            (options.Mercure.Enabled, options.Mercure.Url, options.Mercure.PublisherKey) = (true, MercureTokens.Url, MercureTokens.PublisherKey);
            options.Access.Anonymous.Subscribe.Add("news");
            change?.Invoke(options);
        });
        var app = builder.Build();
        (map ?? (app => app.MapSpillway(prefix)))(app);
        return app;
    }
}
