namespace Spillway.Client.Subscribing;

/// <summary>Why a connection is over.</summary>
/// <param name="Reason">For the reader.</param>
/// <param name="Detail">A sentence for people.</param>
internal sealed record ConnectionEnd(DisconnectReason Reason, string Detail)
{
    /// <summary>All topics have ended and nothing follows the cursor: there is nothing to come back for.</summary>
    public bool NothingFollows { get; init; }

    /// <summary>The least time that the hub asked to stay away; zero if it did not say.</summary>
    public TimeSpan RetryAfter { get; init; }
}
