using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.EndToEnd.Tests.TransportContract;
using Spillway.Hub;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>A whole hub behind a real Kestrel, in plain text (HTTP/1.0, 1.1) and over TLS with a certificate of its own (HTTP/1.1, 2).</summary>
internal sealed class HubServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly WebApplication _app;
    private readonly LogCollector _logs;
    private readonly X509Certificate2 _certificate;
    private readonly ConcurrentQueue<Arrival> _arrived;
    private readonly SemaphoreSlim _arrivals;
    private int _connects;

    private HubServer(WebApplication app, LogCollector logs, MetricCollector metrics, X509Certificate2 certificate, ConcurrentQueue<Arrival> arrived, SemaphoreSlim arrivals)
    {
        Metrics = metrics;
        (_app, _logs, _certificate, _arrived, _arrivals) = (app, logs, certificate, arrived, arrivals);
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToArray();
        Address = new Uri(addresses[0]);
        SecureAddress = new Uri(addresses[1]);
        Publisher = app.Services.GetRequiredService<IEventPublisher>();
        Reader = app.Services.GetRequiredService<IEventReader>();
        Hub = app.Services.GetRequiredService<PushHub>();
        Client = new HttpClient { BaseAddress = Address };
        Endpoint = new HubAddress(Address, SecureAddress, certificate.GetCertHashString());
    }

    public Uri Address { get; }

    public Uri SecureAddress { get; }

    public HubAddress Endpoint { get; }

    public IEventPublisher Publisher { get; }

    public IEventReader Reader { get; }

    public PushHub Hub { get; }

    public LogCollector Logs => _logs;

    public MetricCollector Metrics { get; }

    /// <summary>Speaks HTTP/1.1 in plain text.</summary>
    public HttpClient Client { get; }

    /// <summary>TCP connections that clients of <see cref="CreateHttp2Client"/> have opened.</summary>
    public int Connects => Volatile.Read(ref _connects);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="configure">Sets options.</param>
    /// <param name="configureKestrel">Sets the server's limits.</param>
    /// <param name="retry">A reconnection delay for everybody; null: the hub's own.</param>
    /// <param name="configureHost">Changes services and sockets.</param>
    /// <param name="sockets">Whose its sockets are: what can be parked is, over all but Kestrel's. Null: those that all tests run over.</param>
    public static async Task<HubServer> StartAsync(
        Action<SpillwayOptions>? configure = null, int? retry = null, Action<KestrelServerOptions>? configureKestrel = null, Action<WebApplicationBuilder>? configureHost = null,
        HostSockets? sockets = null)
    {
        var logs = new LogCollector();
        var certificate = CreateCertificate();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport(sockets);
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(logs);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null; // As a hub's host sets it: over HTTP/2 it cannot be set for a request.
            configureKestrel?.Invoke(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        var metrics = new MetricCollector();
        builder.Services.AddSingleton<IMeterFactory>(metrics);
        builder.Services.AddSpillway(configure);
        configureHost?.Invoke(builder);
        if (retry is { } milliseconds)
        {
            builder.Services.AddSingleton<ISubscriptions>(services => new FixedRetry(services.GetRequiredService<PushHub>(), milliseconds));
        }

        var app = builder.Build();
        var (arrived, arrivals) = (new ConcurrentQueue<Arrival>(), new SemaphoreSlim(0));
        app.Use((HttpContext context, RequestDelegate next) =>
        {
            if (context.Request.Path == "/page")
            {
                return next(context);
            }

            var arrival = new Arrival(context);
            arrived.Enqueue(arrival);
            arrivals.Release();
            return arrival.RunAsync(next);
        });
        app.MapSpillway();
        app.MapSpillwayOperations();
        app.MapGet("/page", static context => WriteAsync(context, "text/html", "<!doctype html><title>A page</title><link rel=\"icon\" href=\"data:,\">"));
        app.MapGet("/plain", static context => WriteAsync(context, "text/event-stream", "data: no delay is told\n\n"));
        await app.StartAsync(Token);
        return new HubServer(app, logs, metrics, certificate, arrived, arrivals);
    }

    /// <summary>A client that speaks HTTP/2 over TLS, on one connection, and trusts this server only.</summary>
    public HttpClient CreateHttp2Client()
    {
        return new HttpClient(Endpoint.CreateHandler(connected: () => Interlocked.Increment(ref _connects)))
        {
            BaseAddress = SecureAddress,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }

    /// <summary>The next request that came, in the order of their coming.</summary>
    public async Task<Arrival> NextRequestAsync()
    {
        if (!await _arrivals.WaitAsync(Patience, Token) || !_arrived.TryDequeue(out var arrival))
        {
            throw new TimeoutException("No request came.");
        }

        return arrival;
    }

    public ValueTask<PublishResult> PublishAsync(string topic, string payload, string? type = null) => Publisher.PublishAsync(
        new Events.PushEvent { Topic = topic, Type = type, Payload = System.Text.Encoding.UTF8.GetBytes(payload) }, Token);

    /// <summary>Returns once the hub has exactly so many connections.</summary>
    public Task WaitForConnectionsAsync(int count) => WaitAsync(() => Hub.Connections == count);

    /// <summary>Returns once a loop has the only connection. It is counted before: what is published in between comes from history, and the clock that is put forward in between is that of its beginning.</summary>
    public Task WaitForLoopAsync() => WaitAsync(() => Hub.Loops.Sum(static loop => loop.FeedCount) == 1);

    /// <summary>Returns once something that other threads do is so: a loop counts what it sent after the subscriber may have it.</summary>
    public static Task WaitAsync(Func<bool> condition) =>
        Condition.WaitAsync(() => Task.FromResult(condition()), Patience, static () => "What the test waits for did not come to be so.", Token);

    /// <summary>Stops as a process does that is told to.</summary>
    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _certificate.Dispose();
        _arrivals.Dispose();
        Metrics.Dispose();
        Assert.Empty(_logs.Errors);
    }

    private static Task WriteAsync(HttpContext context, string contentType, string body)
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(body, context.RequestAborted);
    }

    public static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
