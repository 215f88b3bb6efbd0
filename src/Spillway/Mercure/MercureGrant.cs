using Spillway.Events;

namespace Spillway.Mercure;

/// <summary>One grant of a token: an authorization detail of draft 8, or a list of 0.x.</summary>
/// <param name="AllowsAll">Whether it is for every topic.</param>
/// <param name="Topics">Exact topics, in UTF-8.</param>
/// <param name="Patterns">Patterns and templates.</param>
/// <param name="Payload">What subscriptions under it carry, in JSON; null for nothing.</param>
internal sealed record MercureGrant(bool AllowsAll, IReadOnlyList<byte[]> Topics, IReadOnlyList<TopicMatcher> Patterns, string? Payload)
{
    /// <summary>Whether it is for a topic. Exact ones are compared byte for byte: nothing is resolved or normalised (M3).</summary>
    public bool Allows(ReadOnlySpan<byte> topic)
    {
        if (AllowsAll)
        {
            return true;
        }

        foreach (var exact in Topics)
        {
            if (topic.SequenceEqual(exact))
            {
                return true;
            }
        }

        foreach (var pattern in Patterns)
        {
            if (pattern.Matches(topic))
            {
                return true;
            }
        }

        return false;
    }
}
