using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Spillway.Access;
using Spillway.Ingress;
using Spillway.Mercure;
using Spillway.Operations;
using Spillway.Problems;
using Spillway.Transports;
using Spillway.Transports.WebSocket;

namespace Spillway;

/// <summary>Maps a hub's endpoints.</summary>
public static class SpillwayEndpointRouteBuilderExtensions
{
    /// <summary>
    /// Maps publishing and subscribing under a prefix: <c>events</c>, <c>subscribe</c>, <c>topics/…</c> and <c>connections/…</c>. Anyone who reaches them may use them, unless
    /// <see cref="AccessOptions.Mode"/> is tokens, or the returned group asks for more, for example by <c>RequireAuthorization</c>. Where
    /// <see cref="MercureOptions.Enabled"/> is set, the Mercure hub is mapped, too, at its own path, whatever the prefix, and outside of the returned group: it has its own tokens. It is mapped by the first call alone,
    /// and where that is on a group of routes, below that group's prefix and with its conventions: call it on the application to have it at its path.
    /// </summary>
    public static IEndpointConventionBuilder MapSpillway(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "/")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var group = endpoints.MapGroup(prefix);
        OriginsGuard.Protect(group, endpoints.ServiceProvider.GetRequiredService<OriginsGuard>, Handshake.IsAsked);
        // Not from each request's own services: these would be held as long as the stream.
        var subscribe = new Lazy<Func<HttpContext, AccessTicket, Task>>(() => endpoints.ServiceProvider.GetRequiredService<TransportChoice>().HandleAsync);
        var gate = new Lazy<AccessGate>(endpoints.ServiceProvider.GetRequiredService<AccessGate>);
        Task SubscribeAsync(HttpContext context) => gate.Value.ServeAsync(context, subscribe.Value);
        group.Map("/events", context => context.Request.Method switch
        {
            "CONNECT" when !Handshake.IsAsked(context) => RefuseMethodAsync(context, "GET, POST, QUERY"),
            "GET" or "QUERY" or "CONNECT" => SubscribeAsync(context),
            "POST" => gate.Value.ServeAsync(context, PublishEndpoint.HandleAsync),
            _ => RefuseMethodAsync(context, "GET, POST, QUERY"),
        });
        group.Map("/subscribe", context => HttpMethods.IsPost(context.Request.Method) ? SubscribeAsync(context) : RefuseMethodAsync(context, "POST"));
        var renewal = new Lazy<RenewalEndpoint>(endpoints.ServiceProvider.GetRequiredService<RenewalEndpoint>);
        group.Map("/connections/{id}/token", context =>
            HttpMethods.IsPost(context.Request.Method) ? gate.Value.ServeAsync(context, renewal.Value.HandleAsync) : RefuseMethodAsync(context, "POST"));
        group.Map("/topics/{**topic}", context =>
            HttpMethods.IsPost(context.Request.Method) ? gate.Value.ServeAsync(context, TopicEndpoint.HandleAsync) : RefuseMethodAsync(context, "POST"));
        MapMercure(endpoints);
        return group;
    }

    /// <summary>
    /// Maps what operators and their machines ask for, at the root: <c>/health/live</c>, <c>/health/ready</c>, <c>/metrics</c>, <c>/admin/topics</c>, <c>/admin/status</c>.
    /// It tells names of topics: where others than operators reach it, have <see cref="AccessOptions.Mode"/> tokens, or protect the returned group.
    /// </summary>
    public static IEndpointConventionBuilder MapSpillwayOperations(this IEndpointRouteBuilder endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var group = endpoints.MapGroup("");
        OperationsEndpoints.Map(group);
        return group;
    }

    private static void MapMercure(IEndpointRouteBuilder endpoints)
    {
        MercureOptions options;
        try
        {
            options = endpoints.ServiceProvider.GetRequiredService<IOptions<SpillwayOptions>>().Value.Mercure;
        }
        catch (OptionsValidationException)
        {
            return; // The host does not start with them, and says why.
        }

        if (options.Enabled && endpoints.ServiceProvider.GetRequiredService<MercurePlace>().TryTake())
        {
            var gate = new Lazy<MercureGate>(endpoints.ServiceProvider.GetRequiredService<MercureGate>);
            MercureEndpoints.Map(endpoints, options, gate, endpoints.ServiceProvider, endpoints.ServiceProvider.GetRequiredService<OriginsGuard>);
        }
    }

    private static Task RefuseMethodAsync(HttpContext context, string allow) =>
        ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(context.Request.Method, context.Request.Path, allow));
}
