using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.Client;

namespace Spillway.EndToEnd.Tests.Access;

/// <summary>An application that hosts a hub decides by itself, and has a server asked about other tokens; clients renew what they present.</summary>
public sealed class HostedAccessTests : IAccessCallback
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask<AccessDecision?> AuthorizeAsync(HttpContext context, CancellationToken cancellationToken) => context.Request.Headers["X-Session"].ToString() switch
    {
        "" => new((AccessDecision?)null),
        "over" => new(AccessDecision.Refuse("The session is over.")),
        "broken" => throw new InvalidOperationException("The application's own fault."),
        var name => new(new AccessDecision { Subject = name, Publish = [$"users/{name}"], Subscribe = [$"users/{name}"] }),
    };

    [Fact]
    public async Task Publish_BySession_IsWhatTheApplicationSays()
    {
        await using var hub = await StartAsync(services => services.AddSingleton<IAccessCallback>(this), static options => options.Access.Anonymous.Publish.Add("open"));
        using var http = new HttpClient { BaseAddress = new Uri(hub.Urls.First()) };

        Assert.Equal(HttpStatusCode.OK, await PublishAsync(http, "users/ann", "ann"));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(http, "users/bob", "ann"));
        Assert.Equal(HttpStatusCode.Forbidden, await PublishAsync(http, "open", "ann"));
        Assert.Equal(HttpStatusCode.Unauthorized, await PublishAsync(http, "open", "over"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PublishAsync(http, "open", "broken"));
        Assert.Equal(HttpStatusCode.OK, await PublishAsync(http, "open", null));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/health/ready", UriKind.Relative), Stop)).StatusCode); // Nobody is asked for that.
    }

    [Theory]
    [InlineData(Transport.Sse)]
    [InlineData(Transport.WebSocket)]
    [InlineData(Transport.LongPolling)]
    public async Task Subscribe_ByTokensThatTheirServerKnows_GoesOnWithTheNextOne(Transport transport)
    {
        var asked = 0;
        await using var server = await StartServerAsync();
        await using var hub = await StartAsync(static _ => { }, options =>
            (options.Access.Introspection.Url, options.Access.Introspection.ClientId, options.Access.Introspection.ClientSecret) = (server.Urls.First() + "/introspect", "hub", "secret"));
        using var client = new SpillwayClient(new SpillwayClientOptions
        {
            BaseAddress = new Uri(hub.Urls.First()),
            Credential = _ => new($"token-{Interlocked.Increment(ref asked)}"),
        });
        await using var items = client.SubscribeAsync(new SubscribeOptions { Topics = ["a"], Transport = transport }, Stop).GetAsyncEnumerator(Stop);
        Assert.True(await items.MoveNextAsync());
        Assert.IsType<ConnectedNotice>(items.Current);

        await client.PublishAsync(new OutgoingEvent { Topic = "a", Text = "x" }, Stop);

        Assert.True(await items.MoveNextAsync());
        Assert.Equal("x", Assert.IsType<ReceivedEvent>(items.Current).Text);
        Assert.True(asked >= 2);
        using var http = new HttpClient { BaseAddress = new Uri(hub.Urls.First()) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "other");
        Assert.Equal(HttpStatusCode.Unauthorized, await PublishAsync(http, "a", null));
        await server.StopAsync(Stop);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "token-new");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await PublishAsync(http, "a", null));
    }

    private static async Task<HttpStatusCode> PublishAsync(HttpClient http, string topic, string? session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/topics/" + topic, UriKind.Relative)) { Content = new StringContent("x") };
        if (session is not null)
        {
            request.Headers.Add("X-Session", session);
        }

        using var answer = await http.SendAsync(request, Stop);
        return answer.StatusCode;
    }

    private static async Task<WebApplication> StartAsync(Action<IServiceCollection> configure, Action<SpillwayOptions> change)
    {
        var builder = CreateBuilder();
        configure(builder.Services);
        builder.Services.AddSpillway(options =>
        {
            options.Access.Mode = AccessMode.Tokens;
            change(options);
        });
        var hub = builder.Build();
        hub.MapSpillway();
        hub.MapSpillwayOperations();
        await hub.StartAsync(Stop);
        return hub;
    }

    /// <summary>Knows every token that begins with <c>token-</c>.</summary>
    private static async Task<WebApplication> StartServerAsync()
    {
        var server = CreateBuilder().Build();
        server.MapPost("/introspect", static async (HttpContext context) =>
        {
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return form["token"].ToString().StartsWith("token-", StringComparison.Ordinal) ? """{"active":true,"spillway":{"publish":["a"],"subscribe":["a"]}}""" : """{"active":false}""";
        });
        await server.StartAsync(Stop);
        return server;
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }
}
