using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Access;
using Spillway.Mercure.Active;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Maps the Mercure hub. Its paths are absolute, wherever the hub's own endpoints are: clients and RFC 9728 derive them from its address.</summary>
internal static class MercureEndpoints
{
    /// <param name="endpoints">Where to.</param>
    /// <param name="options">Where the hub is.</param>
    /// <param name="gate">The gate, asked for with the first request.</param>
    /// <param name="serve">What serves, asked for with the first request: not from each request's own services, which would be held as long as a stream.</param>
    /// <param name="origins">Which pages may use it, asked for when the endpoints are made.</param>
    public static void Map(IEndpointRouteBuilder endpoints, MercureOptions options, Lazy<MercureGate> gate, IServiceProvider serve, Func<OriginsGuard> origins)
    {
        var group = endpoints.MapGroup("");
        OriginsGuard.Protect(group, origins, static _ => false);
        foreach (var path in new[] { options.Path, options.UrlPath }.Select(MercureMetadata.PathOf).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            group.Map(path, context => TellMetadataAsync(context, gate.Value));
        }

        var publish = new Lazy<Func<HttpContext, MercureTicket, Task>>(() => serve.GetRequiredService<MercurePublishEndpoint>().HandleAsync);
        var subscribe = new Lazy<Func<HttpContext, MercureTicket, Task>>(() => serve.GetRequiredService<MercureSubscribeEndpoint>().HandleAsync);
        group.Map(options.Path, context => context.Request.Method switch
        {
            "GET" or "QUERY" => gate.Value.ServeAsync(context, publishing: false, subscribe.Value),
            "POST" => gate.Value.ServeAsync(context, publishing: true, publish.Value),
            _ => ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(context.Request.Method, context.Request.Path, "GET, POST, QUERY")),
        });
        if (options.Subscriptions)
        {
            var list = new Lazy<Func<HttpContext, MercureTicket, Task>>(() => serve.GetRequiredService<SubscriptionsEndpoint>().HandleAsync);
            group.Map(options.Path + "/subscriptions/{**path}", context => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                ? gate.Value.ServeAsync(context, publishing: false, list.Value)
                : ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(context.Request.Method, context.Request.Path, "GET, HEAD")));
        }
    }

    private static async Task TellMetadataAsync(HttpContext context, MercureGate gate)
    {
        var (request, response) = (context.Request, context.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            await ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(request.Method, request.Path, "GET, HEAD"));
            return;
        }

        if (gate.Metadata is not { } metadata)
        {
            await ProblemWriter.WriteAsync(context, Problem.NotFound(request.Path)); // So a client of draft 8 sees that it is not spoken here.
            return;
        }

        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-cache";
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentLength = metadata.Document.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await response.Body.WriteAsync(metadata.Document, context.RequestAborted);
        }
    }
}
