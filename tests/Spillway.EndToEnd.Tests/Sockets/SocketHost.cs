using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.TransportContract;
using Spillway.TestKit;
using Spillway.Transports.Parked;

namespace Spillway.EndToEnd.Tests.Sockets;

/// <summary>Kestrel over Spillway's sockets, without a hub: an endpoint that echoes, one that writes much, and one that detaches itself.</summary>
internal sealed class SocketHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private SocketHost(WebApplication app, X509Certificate2 certificate, LogCollector logs, MetricCollector metrics)
    {
        (_app, _certificate, Logs, Metrics) = (app, certificate, logs, metrics);
        Address = new Uri(app.Urls.First());
        Endpoint = new HubAddress(Address, new Uri(app.Urls.Last()), certificate.GetCertHashString());
        Client = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HubAddress Endpoint { get; }

    public HttpClient Client { get; }

    public LogCollector Logs { get; }

    public MetricCollector Metrics { get; }

    /// <summary>What became of the request that detached itself: whether its connection left Kestrel, and whether it was told aborted, in the end.</summary>
    public TaskCompletionSource<(bool Detached, bool Aborted)> Unwound { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HandedSocket Handed { get; } = new();

    public static async Task<SocketHost> StartAsync(HostSockets sockets, Action<KestrelServerOptions>? configure = null, Action<TransportOptions>? transports = null)
    {
        var (logs, metrics, certificate) = (new LogCollector(), new MetricCollector(), HubServer.CreateCertificate());
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(logs);
        builder.WebHost.UseKestrelHttpsConfiguration().UseTestedTransport(sockets).ConfigureKestrel(kestrel =>
        {
            configure?.Invoke(kestrel);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        builder.Services.AddSingleton<System.Diagnostics.Metrics.IMeterFactory>(metrics);
        builder.Services.Configure<SpillwayOptions>(options => transports?.Invoke(options.Transports));
        var app = builder.Build();
        var host = default(SocketHost)!;
        app.Use((HttpContext context, RequestDelegate next) => host.WatchAsync(context, next));
        app.MapPost("/echo", static context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
        app.MapPost("/length", CountAsync);
        app.MapGet("/zeros/{count:int}", static (HttpContext context, int count) => context.Response.Body.WriteAsync(new byte[count], context.RequestAborted).AsTask());
        app.MapGet("/wait", static context => new TaskCompletionSource().Task.WaitAsync(context.RequestAborted));
        app.MapGet("/detach", context => host.DetachAsync(context));
        await app.StartAsync(TestContext.Current.CancellationToken);
        host = new SocketHost(app, certificate, logs, metrics);
        host.Handed.Calls = app.Services.GetRequiredService<SocketCalls>();
        return host;
    }

    /// <summary>A client that speaks HTTP/1.1 or 2 over TLS.</summary>
    public HttpClient CreateSecureClient(Version version) => new(Endpoint.CreateHandler())
    {
        BaseAddress = Endpoint.Secure,
        DefaultRequestVersion = version,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    /// <summary>Returns once Kestrel has no socket any more.</summary>
    public Task WaitForNoSocketsAsync() => HubServer.WaitAsync(() => Metrics.Sum("spillway.transports.served_sockets") == 0);

    public Task StopAsync() => _app.StopAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _certificate.Dispose();
        Metrics.Dispose();
        Handed.Dispose();
        Assert.Empty(Logs.Errors);
    }

    private static async Task CountAsync(HttpContext context)
    {
        var (count, buffer, read) = (0L, new byte[64 * 1024], 0);
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            count += read;
        }

        await context.Response.WriteAsync(count.ToString(System.Globalization.CultureInfo.InvariantCulture), context.RequestAborted);
    }

    private async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Items.TryGetValue("detached", out var detached))
        {
            Unwound.TrySetResult(((bool)detached!, context.RequestAborted.IsCancellationRequested));
        }
    }

    private async Task DetachAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("retry: 1\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Items["detached"] = context.Features.Get<IDetachableConnection>()!.TryDetach(Handed);
    }
}
