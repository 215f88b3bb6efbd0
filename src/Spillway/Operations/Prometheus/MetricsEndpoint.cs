using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Spillway.Operations.Prometheus;

/// <summary><c>GET /metrics</c>.</summary>
internal static class MetricsEndpoint
{
    public static async Task HandleAsync(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        context.RequestServices.GetRequiredService<MetricsExposition>().Write(response.BodyWriter);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
