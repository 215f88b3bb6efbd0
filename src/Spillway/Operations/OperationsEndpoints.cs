using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Operations.Prometheus;

namespace Spillway.Operations;

/// <summary>Maps what operators and their machines ask for.</summary>
internal static class OperationsEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<MetricsExposition>(); // It hears only what is measured after it was made.

        endpoints.MapGet("/health/live", HealthEndpoint.HandleLiveAsync);
        endpoints.MapGet("/health/ready", HealthEndpoint.HandleReadyAsync);
        endpoints.MapGet("/metrics", MetricsEndpoint.HandleAsync);
        endpoints.MapGet("/admin/topics", TopicsEndpoint.HandleAsync);
        endpoints.MapGet("/admin/status", StatusEndpoint.HandleAsync);
    }

    /// <summary>What the endpoints need, beside <see cref="IHubStatus"/> and the backplane.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<MetricsExposition>();
        services.AddSingleton<Readiness>();
    }
}
