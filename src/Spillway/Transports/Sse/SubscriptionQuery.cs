using Microsoft.AspNetCore.WebUtilities;
using Spillway.Hub;
using Spillway.Problems;

namespace Spillway.Transports.Sse;

/// <summary>Reads a subscription from the query of a GET.</summary>
internal static class SubscriptionQuery
{
    public const string SelectorOption = "Limits:SelectorsInQuery";

    private const string Known = "topic, pattern, format, signals, cursor, earliest, since, last, snapshot, latest, batch, and of a poll wait, max";

    /// <summary>The request; null and a problem if it is not good.</summary>
    public static SubscriptionRequest? Read(string? query, string lastEventId, LimitOptions limits, DateTimeOffset now, out Problem? problem, PollingOptions? polling = null)
    {
        var draft = new SubscriptionDraft(limits.SelectorsInQuery, SelectorOption, limits, now, polling);
        foreach (var pair in new QueryStringEnumerable(query))
        {
            problem = Take(draft, pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (problem is not null)
            {
                return null;
            }
        }

        return draft.Build("topic", lastEventId, out problem);
    }

    /// <summary>A problem if the query of a request with a body says anything: it would be a second voice.</summary>
    public static Problem? RefuseBesideBody(string? query)
    {
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var name = pair.DecodeName().ToString();
            if (!name.StartsWith('_'))
            {
                name = Problem.Cut(name);
                return Problem.InvalidParameter(
                    name, pair.DecodeValue().ToString(), $"The parameter \"{name}\" stands in the query of a request with a body; put it into the body.");
            }
        }

        return null;
    }

    private static Problem? Take(SubscriptionDraft draft, string name, string value)
    {
        switch (name)
        {
            case "topic":
                return draft.AddTopic(name, value);
            case "pattern":
                return draft.AddPattern(name, value);
            case "format" or "signals" or "cursor" or "earliest" or "since" or "last" or "snapshot" or "latest" or "batch" or "wait" or "max":
                return draft.Set(name, value);
            default:
                name = Problem.Cut(name);
                return name.StartsWith('_') ? null : Problem.InvalidParameter(name, value, $"The parameter \"{name}\" is not known; there are {Known}.");
        }
    }
}
