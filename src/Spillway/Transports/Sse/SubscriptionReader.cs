using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Spillway.Access;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>Reads what a request asks to be sent, from the query of a GET or from its body.</summary>
internal static class SubscriptionReader
{
    private const string Json = "application/json";

    /// <param name="context">The request.</param>
    /// <param name="ticket">What it may subscribe to.</param>
    /// <param name="options">Its limits.</param>
    /// <param name="polling">What a poll may ask for; null: the request is for a stream.</param>
    /// <param name="now">The time.</param>
    public static async ValueTask<(SubscriptionRequest? Request, Problem? Problem)> ReadAsync(
        HttpContext context, AccessTicket ticket, SpillwayOptions options, PollingOptions? polling, DateTimeOffset now)
    {
        var http = context.Request;
        if (HttpMethods.IsGet(http.Method))
        {
            return (ReadQuery(http, ticket, options, polling, now, out var fault), fault);
        }

        if (SubscriptionQuery.RefuseBesideBody(http.QueryString.Value) is { } second)
        {
            return (null, second);
        }

        // Asking for this type also keeps foreign pages out: a browser sends it to another origin only after a preflight.
        if (!MediaTypeHeaderValue.TryParse(http.ContentType, out var type) || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return (null, Problem.UnsupportedMediaType("Content-Type", http.ContentType, Json));
        }

        using var body = await RequestBody.ReadAsync(context, options.Limits.SubscriptionBytes);
        var problem = body.IsTooLarge ? TooLarge(options.Limits.SubscriptionBytes) : body.Problem;
        var asked = problem is null ? SubscriptionBody.Read(body.Memory.Span, LastEventId(http), options.Limits, now, out problem, polling) : null;
        return (Reduce(asked, ticket, options, ref problem), problem);
    }

    public static SubscriptionRequest? ReadQuery(HttpRequest http, AccessTicket ticket, SpillwayOptions options, PollingOptions? polling, DateTimeOffset now, out Problem? problem)
    {
        var asked = SubscriptionQuery.Read(http.QueryString.Value, LastEventId(http), options.Limits, now, out problem, polling);
        return Reduce(asked, ticket, options, ref problem);
    }

    // As many as a body could have named: a query's limit is for its length, and grants make no query longer.
    private static SubscriptionRequest? Reduce(SubscriptionRequest? asked, AccessTicket ticket, SpillwayOptions options, ref Problem? problem) =>
        GrantedRequest.Reduce(asked, ticket, options.Limits.SelectorsInBody, SubscriptionBody.SelectorOption, ref problem);

    private static Problem TooLarge(int limit)
    {
        const string Option = "Limits:SubscriptionBytes";
        return Problem.BodyTooLarge(Option, limit) with { Detail = $"The body is larger than the {limit} bytes that {Option} allows; use patterns, or divide the subscription." };
    }

    private static string LastEventId(HttpRequest request) => request.Headers["Last-Event-ID"].ToString();
}
