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
        MapAdmin(endpoints, gate);
    }

    /// <summary>What operators alone may do, each call of which is in the audit log.</summary>
    private static void MapAdmin(IEndpointRouteBuilder endpoints, Lazy<AccessGate> gate)
    {
        var connections = new Lazy<ConnectionsEndpoint>(endpoints.ServiceProvider.GetRequiredService<ConnectionsEndpoint>);
        var revocations = new Lazy<RevocationsEndpoint>(endpoints.ServiceProvider.GetRequiredService<RevocationsEndpoint>);
        var audit = new Lazy<AuditLog>(endpoints.ServiceProvider.GetRequiredService<AuditLog>);
        Map("/admin/connections", ("GET", (context, ticket) => connections.Value.ListAsync(context, ticket)));
        Map("/admin/connections/{id}", ("GET", (context, ticket) => connections.Value.ShowAsync(context, ticket)), ("DELETE", (context, ticket) => connections.Value.EndAsync(context, ticket)));
        Map("/admin/revocations",
            ("GET", (context, ticket) => revocations.Value.ListAsync(context, ticket)), ("POST", (context, ticket) => revocations.Value.AddAsync(context, ticket)),
            ("DELETE", (context, ticket) => revocations.Value.RemoveAsync(context, ticket)));

        void Map(string path, params (string Method, Func<HttpContext, AccessTicket, Task> Handler)[] handlers) => endpoints.Map(path, context =>
        {
            var handler = Array.Find(handlers, one => HttpMethods.Equals(one.Method, context.Request.Method)).Handler;
            return handler is null
                ? ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(context.Request.Method, context.Request.Path, string.Join(", ", handlers.Select(static one => one.Method))))
                : gate.Value.ServeAsync(context, (served, ticket) => ticket.Admin ? handler(served, ticket) : RefuseAsync(served, ticket));
        });

        Task RefuseAsync(HttpContext context, AccessTicket ticket)
        {
            audit.Value.Note(context, ticket, context.Request.Method, context.Request.Path, "refused: not granted");
            return gate.Value.RefuseAsync(context, AccessProblems.NotAdmin(ticket));
        }
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
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ConnectionsEndpoint>();
        services.AddSingleton<RevocationsEndpoint>();
    }
}
