using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Backplane;
using Spillway.Events;
using Spillway.History;
using Spillway.Ingress;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Publishing;

/// <summary>Ingress and backplane behind a real Kestrel, with the hub's place taken by a sink that keeps everything.</summary>
internal sealed class PublishHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly WebApplication _app;
    private readonly SemaphoreSlim _ended = new(0);
    private readonly HttpClient _http2;

    private PublishHost(WebApplication app, ListHistory history, LogCollector logs)
    {
        _app = app;
        History = history;
        Logs = logs;
        Metrics = (MetricCollector)app.Services.GetRequiredService<IMeterFactory>();
        Backplane = app.Services.GetRequiredService<IBackplane>();
        var addresses = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ToArray();
        Address = new Uri(addresses[0]);
        Client = new HttpClient { BaseAddress = Address };
        _http2 = new HttpClient { BaseAddress = new Uri(addresses[1]), DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
    }

    /// <summary>What requests are allowed from now on.</summary>
    public AccessTicket Ticket { get; set; } = AccessTicket.Everything;

    public RecordingSink Sink { get; } = new();

    public ListHistory History { get; }

    public LogCollector Logs { get; }

    public MetricCollector Metrics { get; }

    public IBackplane Backplane { get; }

    /// <summary>Speaks HTTP/1.1.</summary>
    public HttpClient Client { get; }

    public HttpClient Http2Client => _http2;

    public Uri Address { get; }

    /// <summary>What the server's limits were when a request had ended.</summary>
    public (long? BodySize, double? BodyRate) ServerLimits { get; private set; }

    public static async Task<PublishHost> StartAsync(Action<SpillwayOptions>? configure = null, TimeProvider? clock = null)
    {
        var options = new SpillwayOptions();
        configure?.Invoke(options);
        var history = new ListHistory();
        var logs = new LogCollector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Debug).AddProvider(logs);
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services
            .AddSingleton<IMeterFactory, MetricCollector>()
            .AddSingleton(Options.Create(options))
            .AddSingleton(clock ?? TimeProvider.System)
            .AddSingleton<IHistory>(history)
            .AddSingleton(new RuleBook(options.Rules))
            .AddSingleton<BackplaneMetrics>()
            .AddSingleton<IBackplane, InProcessBackplane>()
            .AddSingleton<IngressMetrics>()
            .AddSingleton<BatchCommitter>()
            .AddSingleton<AccessJournal>()
            .AddSingleton<PublishResponder>()
            .AddSingleton<PublishEndpoint>()
            .AddSingleton<TopicEndpoint>();
        var app = builder.Build();
        PublishHost? host = null;
        app.Use(async (context, next) =>
        {
            try
            {
                await next(context);
            }
            finally
            {
                host!.Ended(context);
            }
        });
        app.MapPost("/hub/events", context => PublishEndpoint.HandleAsync(context, host!.Ticket));
        app.MapPost("/hub/topics/{**topic}", context => TopicEndpoint.HandleAsync(context, host!.Ticket));
        await app.StartAsync();
        host = new PublishHost(app, history, logs);
        host.Backplane.Start(host.Sink);
        return host;
    }

    /// <summary>Tells the application to stop; whoever answers requests decides what that means.</summary>
    public void BeginStop() => _app.Lifetime.StopApplication();

    /// <summary>Returns once one more request has ended.</summary>
    public async Task WaitForRequestEndAsync()
    {
        if (!await _ended.WaitAsync(Patience, TestContext.Current.CancellationToken))
        {
            throw new TimeoutException("No request ended.");
        }
    }

    public async Task<PublishResponse> PostAsync(string path, byte[] body, string? contentType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hub" + path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await PublishResponse.ReadAsync(response);
    }

    public Task<PublishResponse> PostJsonAsync(string json, params (string Name, string Value)[] headers) =>
        PostAsync("/events", Encoding.UTF8.GetBytes(json), "application/json", headers);

    public Task<PublishResponse> PostLinesAsync(string lines, params (string Name, string Value)[] headers) =>
        PostAsync("/events", Encoding.UTF8.GetBytes(lines), "application/x-ndjson", headers);

    public async ValueTask DisposeAsync()
    {
        Sink.Release();
        Client.Dispose();
        _http2.Dispose();
        await _app.StopAsync();
        await Backplane.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _ended.Dispose();
        Sink.Dispose();
        Assert.Empty(Logs.Errors);
    }

    private void Ended(HttpContext context)
    {
        ServerLimits = (
            context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize,
            context.Request.Protocol == HttpProtocol.Http11
                ? context.Features.Get<Microsoft.AspNetCore.Server.Kestrel.Core.Features.IHttpMinRequestBodyDataRateFeature>()?.MinDataRate?.BytesPerSecond
                : null);
        _ended.Release();
    }
}
