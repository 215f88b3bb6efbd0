using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Access.Tokens;
using Spillway.Backplane;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;
using Spillway.Hub;
using Spillway.Ingress;
using Spillway.Mercure;
using Spillway.Mercure.Active;
using Spillway.Mercure.Patterns;
using Spillway.Mercure.Tokens;
using Spillway.Operations;
using Spillway.Transports;
using Spillway.Transports.Hosted;
using Spillway.Transports.Polling;
using Spillway.Transports.Sse;
using Spillway.Transports.WebSocket;

namespace Spillway;

/// <summary>Adds a hub to a host.</summary>
public static class SpillwayServiceCollectionExtensions
{
    /// <summary>
    /// Adds a hub: <see cref="IEventPublisher"/>, <see cref="IEventReader"/>, and what <c>MapSpillway</c> needs. Options come from the section <c>Spillway</c> of configuration, then from
    /// <paramref name="configure"/>; they are validated when the host starts.
    /// </summary>
    public static IServiceCollection AddSpillway(this IServiceCollection services, Action<SpillwayOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        SpillwayConfiguration.AddOptions(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        if (services.Any(static service => service.ServiceType == typeof(PushHub)))
        {
            return services; // Configured further, but there is one hub a host.
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(static provider => HistoryFactory.Open(
            provider.GetRequiredService<IOptions<SpillwayOptions>>().Value.History, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>(), provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<RuleBook>(),
            provider.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None)); // Told to stop, a start waits for no other process.
        services.AddSingleton(static provider => new RuleBook(provider.GetRequiredService<IOptions<SpillwayOptions>>().Value.Rules));
        AddHub(services);
        services.AddSingleton<BackplaneMetrics>();
        services.AddSingleton<IBackplane, InProcessBackplane>();
        AddIngress(services);
        services.AddSingleton<TransportMetrics>();
        services.AddSingleton<ResponseRateWarning>();
        services.AddSingleton<SubscribeEndpoint>();
        services.AddSingleton<WebSocketEndpoint>();
        services.AddSingleton<PollEndpoint>();
        services.AddSingleton<TransportChoice>();
        services.AddSingleton<RenewalEndpoint>();
        AddAccess(services);
        AddMercure(services);
        OperationsEndpoints.AddServices(services);
        services.AddHostedService<SpillwayHost>();
        services.AddSingleton<IReloadable, LimitReload>();
        services.AddSingleton<OptionReloader>();
        services.AddHostedService(static provider => provider.GetRequiredService<OptionReloader>()); // Started after the hub, and stopped before it.
        return services;
    }

    private static void AddAccess(IServiceCollection services)
    {
        services.AddSingleton<AccessJournal>();
        services.AddSingleton<TokenMetrics>();
        services.AddSingleton<AccessGate>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<AccessGate>());
        services.AddSingleton(static provider =>
        {
            provider.GetRequiredService<IHistory>(); // Its directory is ours alone from here on.
            var options = provider.GetRequiredService<IOptions<SpillwayOptions>>().Value;
            var file = options.History.Data != HistoryFactory.InMemory ? new RevocationFile(Path.GetFullPath(options.History.Data), static directory => new RealDisk(directory).SyncDirectory()) : null;
            return new Revocations(options.Access.Revocations, file, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton<OpenHubGuard>();
        services.AddSingleton<OriginsGuard>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<OriginsGuard>());
    }

    private static void AddMercure(IServiceCollection services)
    {
        services.AddSingleton(static provider =>
        {
            var (hub, clock) = (provider.GetRequiredService<IOptions<SpillwayOptions>>().Value.Mercure, provider.GetRequiredService<TimeProvider>());
            var (ofSubscriptions, ofTokens) = (new SharedExpressions(hub.Expressions, clock), new SharedExpressions(hub.Expressions, clock));
            provider.GetRequiredService<MercureMetrics>().Observe(("subscriptions", ofSubscriptions), ("tokens", ofTokens));
            return MatcherReader.Create(hub, ofSubscriptions, ofTokens);
        });
        services.AddSingleton(static provider => new ReservedTopics(provider.GetRequiredService<MatcherReader>().Form.Hub));
        services.AddSingleton(static provider => new MercureCursors(provider.GetRequiredService<CursorCodec>(), new Lazy<IBackplane>(provider.GetRequiredService<IBackplane>)));
        services.AddSingleton<MercurePublishEndpoint>();
        services.AddSingleton<MercureSubscribeEndpoint>();
        services.AddSingleton(static provider => new SubscriptionBook(provider.GetRequiredService<IOptions<SpillwayOptions>>().Value.Mercure.SubscriptionChanges));
        services.AddSingleton<SubscriptionAnnouncer>();
        services.AddHostedService(static provider => provider.GetRequiredService<SubscriptionAnnouncer>());
        services.AddSingleton<SubscriptionsEndpoint>();
        services.AddSingleton<MercureMetrics>();
        services.AddSingleton<MercurePlace>();
        services.AddSingleton<MercureGate>();
        services.AddSingleton<IReloadable>(static provider => provider.GetRequiredService<MercureGate>());
    }

    private static void AddIngress(IServiceCollection services)
    {
        services.AddSingleton<IngressMetrics>();
        services.AddSingleton<BatchCommitter>();
        services.AddSingleton<PublishResponder>();
        services.AddSingleton<PublishEndpoint>();
        services.AddSingleton<TopicEndpoint>();
        services.AddSingleton<IEventPublisher, EventPublisher>();
    }

    private static void AddHub(IServiceCollection services)
    {
        services.AddSingleton<CursorCodec>(static provider =>
        {
            provider.GetRequiredService<IHistory>(); // Its directory is ours alone from here on.
            var options = provider.GetRequiredService<IOptions<SpillwayOptions>>().Value;
            return options.Access.Mode == AccessMode.Open ? new PlainCursors() : new SealedCursors(HistoryFactory.OpenCursorKey(options.History));
        });
        services.AddSingleton<IWireEncoder, SseRawEncoder>();
        services.AddSingleton<IWireEncoder, SseJsonEncoder>();
        services.AddSingleton<IWireEncoder>(static provider => new ChunkedSseEncoder(new SseRawEncoder(provider.GetRequiredService<CursorCodec>())));
        services.AddSingleton<IWireEncoder>(static provider => new ChunkedSseEncoder(new SseJsonEncoder(provider.GetRequiredService<CursorCodec>())));
        services.AddSingleton<IWireEncoder, WebSocketJsonEncoder>();
        services.AddSingleton<IWireEncoder, WebSocketBinaryEncoder>();
        services.AddSingleton<IWireEncoder, PollEncoder>();
        services.AddSingleton<IWireEncoder, SseMercureEncoder>();
        services.AddSingleton<IWireEncoder>(static provider => new ChunkedSseEncoder(new SseMercureEncoder(provider.GetRequiredService<MercureCursors>())));
        services.TryAddSingleton<IConnectionHost, HostedTransport>(); // UseSpillwayTransport puts another in its place.
        services.AddSingleton(static provider => new PushHub(
            provider.GetRequiredService<IOptions<SpillwayOptions>>().Value, provider.GetRequiredService<RuleBook>(), provider.GetRequiredService<IHistory>(),
            provider.GetServices<IWireEncoder>(), provider.GetRequiredService<IConnectionHost>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PushHub>>(),
            provider.GetRequiredService<CursorCodec>()));
        services.AddSingleton<ISubscriptions>(static provider => provider.GetRequiredService<PushHub>());
        services.AddSingleton<IEventReader>(static provider => new EventReader(
            provider.GetRequiredService<IHistory>(), provider.GetRequiredService<PushHub>().Published, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<CursorCodec>()));
        services.AddSingleton<HubConnections>();
        services.AddSingleton<HubMetrics>();
        services.AddSingleton<IHubStatus, HubStatus>();
    }
}
