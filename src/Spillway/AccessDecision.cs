namespace Spillway;

/// <summary>What an <see cref="IAccessCallback"/> allows, or why nothing.</summary>
public sealed class AccessDecision
{
    /// <summary>Who it is. Ids of events belong to their subject, and a subject can be disconnected. Default: null, nobody in particular.</summary>
    public string? Subject { get; init; }

    /// <summary>The name of what it was decided by, for example of a session. Default: null, none.</summary>
    public string? TokenId { get; init; }

    /// <summary>From when on it allows nothing; streams end then. Default: null, never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Topics and patterns that may be published to. Default: none.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];

    /// <summary>Topics and patterns that may be subscribed to. Default: none.</summary>
    public IReadOnlyList<string> Subscribe { get; init; } = [];

    /// <summary>Whether what operators do is allowed. Default: false.</summary>
    public bool Admin { get; init; }

    /// <summary>Why the request is refused; null where it is not.</summary>
    internal string? Refusal { get; private init; }

    /// <summary>Refuses a request: 401, whatever else it presents.</summary>
    /// <param name="reason">Why, as a sentence. It is told to whoever asked.</param>
    public static AccessDecision Refuse(string reason)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return new AccessDecision { Refusal = reason };
    }
}
