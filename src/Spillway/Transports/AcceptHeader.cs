using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Spillway.Transports;

/// <summary>Chooses a transport by <c>Accept</c> (RFC 9110, section 12.5.1).</summary>
internal static class AcceptHeader
{
    public const string EventStream = "text/event-stream";
    public const string Json = "application/json";

    /// <summary>The one with the higher quality by the most specific range that covers it; of equal ones that which is named more exactly, else a stream. No header accepts everything.</summary>
    public static Transport Choose(StringValues accept, bool streams, bool polls)
    {
        if (accept.Count == 1)
        {
            switch (accept[0])
            {
                case EventStream: // What an EventSource sends.
                    return streams ? Transport.EventStream : Transport.None;
                case "*/*": // What fetch sends.
                    return Any(streams, polls);
                case Json:
                    return polls ? Transport.Polling : Transport.None;
            }
        }

        if (string.IsNullOrWhiteSpace(accept.ToString()))
        {
            return Any(streams, polls);
        }

        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
        {
            return Transport.None;
        }

        var stream = streams ? QualityOf(ranges, "text", "event-stream") : default;
        var poll = polls ? QualityOf(ranges, "application", "json") : default;
        return stream.Quality <= 0 && poll.Quality <= 0 ? Transport.None
            : poll.CompareTo(stream) > 0 ? Transport.Polling : Transport.EventStream;
    }

    private static Transport Any(bool streams, bool polls) => streams ? Transport.EventStream : polls ? Transport.Polling : Transport.None;

    private static (double Quality, int Specificity) QualityOf(IList<MediaTypeHeaderValue> ranges, string type, string subtype)
    {
        var (quality, specificity) = (0d, 0);
        foreach (var range in ranges)
        {
            var found = SpecificityOf(range, type, subtype);
            if (found > specificity)
            {
                (specificity, quality) = (found, 0);
            }

            if (found > 0 && found == specificity)
            {
                quality = Math.Max(quality, range.Quality ?? 1);
            }
        }

        return (quality, specificity);
    }

    private static int SpecificityOf(MediaTypeHeaderValue range, string type, string subtype) =>
        range.MatchesAllTypes ? 1
        : !range.Type.Equals(type, StringComparison.OrdinalIgnoreCase) ? 0
        : range.MatchesAllSubTypes ? 2
        : range.SubType.Equals(subtype, StringComparison.OrdinalIgnoreCase) ? 3 : 0;
}
