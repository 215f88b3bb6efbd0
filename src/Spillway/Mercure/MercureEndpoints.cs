using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Spillway.Access;
using Spillway.Problems;

namespace Spillway.Mercure;

/// <summary>Maps the Mercure hub. Its paths are absolute, wherever the hub's own endpoints are: clients and RFC 9728 derive them from its address.</summary>
internal static class MercureEndpoints
{
    /// <param name="endpoints">Where to.</param>
    /// <param name="options">Where the hub is.</param>
    /// <param name="gate">The gate, asked for with the first request.</param>
    /// <param name="origins">Which pages may use it, asked for when the endpoints are made.</param>
    public static void Map(IEndpointRouteBuilder endpoints, MercureOptions options, Lazy<MercureGate> gate, Func<OriginsGuard> origins)
    {
        var group = endpoints.MapGroup("");
        OriginsGuard.Protect(group, origins, static _ => false);
        foreach (var path in new[] { options.Path, new Uri(options.Url).AbsolutePath }.Select(MercureMetadata.PathOf).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            group.Map(path, context => TellMetadataAsync(context, gate.Value));
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
