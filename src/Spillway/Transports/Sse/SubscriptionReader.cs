using Microsoft.AspNetCore.Http;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>Reads what a request asks to be sent, from the query of a GET or from its body.</summary>
internal static class SubscriptionReader
{
    /// <param name="polling">What a poll may ask for; null: the request is for a stream.</param>
    public static async ValueTask<(SubscriptionRequest? Request, Problem? Problem)> ReadAsync(HttpContext context, SpillwayOptions options, PollingOptions? polling, DateTimeOffset now)
    {
        var http = context.Request;
        if (HttpMethods.IsGet(http.Method))
        {
            return (ReadQuery(http, options, polling, now, out var fault), fault);
        }

        if (SubscriptionQuery.RefuseBesideBody(http.QueryString.Value) is { } second)
        {
            return (null, second);
        }

        var (body, problem) = await RequestBody.ReadJsonAsync(http, options.Limits.SubscriptionBytes, context.RequestAborted);
        return (problem is null ? SubscriptionBody.Read(body, LastEventId(http), options.Limits, now, out problem, polling) : null, problem);
    }

    public static SubscriptionRequest? ReadQuery(HttpRequest http, SpillwayOptions options, PollingOptions? polling, DateTimeOffset now, out Problem? problem) =>
        SubscriptionQuery.Read(http.QueryString.Value, LastEventId(http), options.Limits, now, out problem, polling);

    private static string LastEventId(HttpRequest request) => request.Headers["Last-Event-ID"].ToString();
}
