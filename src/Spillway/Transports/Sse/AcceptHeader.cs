using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Spillway.Transports.Sse;

/// <summary>Chooses a transport by <c>Accept</c> (RFC 9110, section 12.5.1).</summary>
internal static class AcceptHeader
{
    public const string EventStream = "text/event-stream";

    /// <summary>Whether an event stream is acceptable: by the most specific range that covers it. No header accepts everything.</summary>
    public static bool TakesEventStream(StringValues accept)
    {
        if (accept.Count == 1 && accept[0] is EventStream or "*/*")
        {
            return true; // What an EventSource and what fetch sends.
        }

        if (string.IsNullOrWhiteSpace(accept.ToString()))
        {
            return true;
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            return false;
        }

        var (specificity, quality) = (0, 0d);
        foreach (var range in ranges)
        {
            var found = SpecificityOf(range);
            if (found > specificity)
            {
                (specificity, quality) = (found, 0);
            }

            if (found > 0 && found == specificity)
            {
                quality = Math.Max(quality, range.Quality ?? 1);
            }
        }

        return quality > 0;
    }

    private static int SpecificityOf(MediaTypeHeaderValue range) =>
        range.MatchesAllTypes ? 1
        : !range.Type.Equals("text", StringComparison.OrdinalIgnoreCase) ? 0
        : range.MatchesAllSubTypes ? 2
        : range.SubType.Equals("event-stream", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
}
