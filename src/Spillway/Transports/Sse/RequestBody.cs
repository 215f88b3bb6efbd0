using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>Reads the body of a subscription.</summary>
internal static class RequestBody
{
    private const string Json = "application/json";

    /// <summary>The whole body, at most <paramref name="limit"/> bytes of it; else a problem.</summary>
    public static async ValueTask<(byte[] Body, Problem? Problem)> ReadJsonAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        // Asking for this type also keeps foreign pages out: a browser sends it to another origin only after a preflight.
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals(Json, StringComparison.OrdinalIgnoreCase))
        {
            return ([], Problem.UnsupportedMediaType("Content-Type", request.ContentType, Json));
        }

        if (request.ContentLength > limit)
        {
            return ([], TooLarge(limit));
        }

        var reader = request.BodyReader;
        while (true)
        {
            ReadResult result;
            try
            {
                result = await reader.ReadAsync(cancellationToken);
            }
            catch (BadHttpRequestException fault) // Its framing is broken; Kestrel closes the connection behind the answer.
            {
                return ([], fault.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(limit) : Problem.InvalidJson(fault.Message));
            }

            if (result.Buffer.Length > limit)
            {
                reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                return ([], TooLarge(limit));
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                reader.AdvanceTo(result.Buffer.End);
                return (body, null);
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static Problem TooLarge(int limit)
    {
        const string Option = "Limits:SubscriptionBytes";
        return Problem.BodyTooLarge(Option, limit) with { Detail = $"The body is larger than the {limit} bytes that {Option} allows; use patterns, or divide the subscription." };
    }
}
