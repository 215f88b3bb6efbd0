using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>A host's own middleware before the hub: it sees a subscription as it sees any request, whoever serves the connection afterwards.</summary>
public sealed class HostMiddlewareTests
{
    private const string Page = "https://page.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [TransportCases]
    public async Task Authorization_WithoutACredential_RefusesBeforeAnythingIsOpened(TransportCase @case)
    {
        await using var server = await StartAsync(@case, static services =>
        {
            services.AddAuthentication("test").AddScheme<AuthenticationSchemeOptions, HeaderAuthentication>("test", static _ => { });
            services.AddAuthorization(static options => options.FallbackPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
        });

        using var refused = await SendAsync(server, @case);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(0, server.Hub.Connections);

        using var taken = await SendAsync(server, @case, ("X-User", "somebody"));
        Assert.Equal(@case.Opened, taken.StatusCode);
    }

    [Theory]
    [TransportCases]
    public async Task Cors_OfAPageOfAnotherOrigin_IsInTheHead(TransportCase @case)
    {
        foreach (var isListed in (bool[])[false, true])
        {
            await using var server = await StartAsync(
                @case,
                services => services.AddCors(static cors => cors.AddDefaultPolicy(static policy => policy.WithOrigins(Page))).Configure<SpillwayOptions>(options =>
                {
                    if (isListed)
                    {
                        options.Access.Origins.Add(Page);
                    }
                }),
                static app => app.UseCors());

            using var answer = await SendAsync(server, @case, ("Origin", Page));

            Assert.Equal(isListed || !@case.IsWebSocket ? @case.Opened : HttpStatusCode.Forbidden, answer.StatusCode); // CORS says nothing of WebSockets: any page may open one.
            Assert.Equal([Page], answer.Headers.GetValues("Access-Control-Allow-Origin")); // Once, also where both say it.
        }
    }

    [Theory]
    [TransportCases]
    public async Task RateLimit_Reached_RefusesAndLeavesWhatIsOpenAlone(TransportCase @case)
    {
        await using var server = await StartAsync(
            @case, static services => services.AddRateLimiter(static limits => Refuse(limits).GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
                static _ => RateLimitPartition.GetFixedWindowLimiter("", static _ => new FixedWindowRateLimiterOptions { PermitLimit = 1, Window = TimeSpan.FromHours(1) }))),
            static app => app.UseRateLimiter());

        await using var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a&earliest");
        using var second = await SendAsync(server, @case);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        await server.PublishAsync("a", "still there");

        if (@case.IsStream) // A poll asks again for each answer, and is counted again.
        {
            Assert.Equal("still there", (await subscriber.NextEventAsync()).Text);
        }
    }

    [Theory]
    [TransportCases]
    public async Task ConcurrencyLimit_AStreamIsOpen_CountsItAsLongAsItsRequestRuns(TransportCase @case)
    {
        var unwound = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously); // Behind the limiter, which lets go last.
        await using var server = await StartAsync(
            @case, static services => services.AddRateLimiter(static limits => Refuse(limits).GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(
                static _ => RateLimitPartition.GetConcurrencyLimiter("", static _ => new ConcurrencyLimiterOptions { PermitLimit = 1 }))),
            app => app.Use(async (HttpContext context, RequestDelegate next) =>
            {
                await next(context);
                unwound.TrySetResult();
            }).UseRateLimiter());
        if (!@case.IsStream)
        {
            return; // A poll is over before the next begins.
        }

        await using var first = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a");
        if (@case.IsParked)
        {
            await unwound.Task.WaitAsync(Patience, Stop); // Its request is over: Limits:Connections is what counts it.
        }

        using var second = await SendAsync(server, @case);

        Assert.Equal(@case.IsParked ? @case.Opened : HttpStatusCode.TooManyRequests, second.StatusCode);
    }

    [Theory]
    [TransportCases]
    public async Task Unwinding_EveryMiddleware_SeesAnOrdinaryEnd(TransportCase @case)
    {
        var seen = new TaskCompletionSource<(int Status, bool Aborted, Exception? Fault)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var completed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await StartAsync(@case, static _ => { }, app => app.Use(async (HttpContext context, RequestDelegate next) =>
        {
            context.Response.OnCompleted(() =>
            {
                completed.TrySetResult();
                return Task.CompletedTask;
            });
            var fault = await Record.ExceptionAsync(() => next(context));
            seen.TrySetResult((context.Response.StatusCode, context.RequestAborted.IsCancellationRequested, fault));
        }));

        await using (var subscriber = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a&earliest"))
        {
            if (!@case.IsParked)
            {
                await server.PublishAsync("a", "there");
                Assert.Equal("there", (await subscriber.NextEventAsync()).Text);
                if (@case.IsStream)
                {
                    await Task.WhenAll(server.StopAsync(), subscriber.ReadToEndAsync()); // What is hosted unwinds when its stream ends, and its client has closed.
                }
            }

            var (status, aborted, fault) = await seen.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
            await completed.Task.WaitAsync(TimeSpan.FromSeconds(30), Stop);
            Assert.Equal(((int)@case.Opened, false, null), (status, aborted, fault));
        }

        Assert.DoesNotContain(server.Logs.Lines, static line => line.Level >= LogLevel.Warning);
    }

    private static RateLimiterOptions Refuse(RateLimiterOptions limits)
    {
        limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        return limits;
    }

    private static Task<HubServer> StartAsync(TransportCase @case, Action<IServiceCollection> services, Action<IApplicationBuilder>? middleware = null) =>
        ContractHub.StartAsync(@case, configureHost: builder =>
        {
            services(builder.Services);
            if (middleware is not null)
            {
                builder.Services.AddSingleton<Microsoft.AspNetCore.Hosting.IStartupFilter>(new FirstMiddleware(middleware));
            }
        });

    /// <summary>Asks for a stream, or for a poll that is answered at once, and returns the head of the answer; who lets it go leaves.</summary>
    private static async Task<HttpResponseMessage> SendAsync(HubServer server, TransportCase @case, params (string Name, string Value)[] headers)
    {
        var client = new HttpClient(server.Endpoint.CreateHandler());
        using var request = ContractRequest.Create(server.Endpoint.For(@case), @case, $"/events?topic=a{(@case.IsStream ? "" : "&wait=0")}{@case.Parameters}");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Stop);
    }

    private sealed class FirstMiddleware(Action<IApplicationBuilder> use) : Microsoft.AspNetCore.Hosting.IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            use(app);
            next(app);
        };
    }

    private sealed class HeaderAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Request.Headers.TryGetValue("X-User", out var user)
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim("name", user.ToString())], Scheme.Name)), Scheme.Name)) : AuthenticateResult.NoResult());
    }
}
