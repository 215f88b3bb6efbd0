using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Access;
using Spillway.Operations.Prometheus;
using Spillway.Problems;

namespace Spillway.Operations;

/// <summary>Maps what operators and their machines ask for.</summary>
internal static class OperationsEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<MetricsExposition>(); // It hears only what is measured after it was made.

        var gate = new Lazy<AccessGate>(endpoints.ServiceProvider.GetRequiredService<AccessGate>);
        MapGet(endpoints, "/health/live", HealthEndpoint.HandleLiveAsync);
        MapGet(endpoints, "/health/ready", HealthEndpoint.HandleReadyAsync);
        MapGet(endpoints, "/metrics", context => gate.Value.ServeAdminAsync(context, MetricsEndpoint.HandleAsync));
        MapGet(endpoints, "/admin/topics", context => gate.Value.ServeAsync(context, TopicsEndpoint.HandleAsync));
        MapGet(endpoints, "/admin/status", context => gate.Value.ServeAdminAsync(context, StatusEndpoint.HandleAsync));
    }

    /// <summary>Routing by itself answers other methods without a body that says why.</summary>
    private static void MapGet(IEndpointRouteBuilder endpoints, string path, RequestDelegate handler) => endpoints.Map(path, context =>
        HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            ? handler(context)
            : ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(context.Request.Method, context.Request.Path, "GET, HEAD")));

    /// <summary>What the endpoints need, beside <see cref="IHubStatus"/> and the backplane.</summary>
    public static void AddServices(IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton<MetricsExposition>();
        services.AddSingleton<Readiness>();
    }
}
