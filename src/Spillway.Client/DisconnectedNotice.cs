namespace Spillway.Client;

/// <summary>The connection ended, or an attempt failed; the stream connects again by itself after <see cref="Delay"/>.</summary>
public sealed record DisconnectedNotice : StreamItem
{
    internal DisconnectedNotice(string cursor)
        : base(cursor)
    {
    }

    /// <summary>Why.</summary>
    public DisconnectReason Reason { get; init; }

    /// <summary>What happened, in a sentence for people.</summary>
    public string Detail { get; init; } = "";

    /// <summary>How long the stream waits before it connects again.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Failed attempts in a row, this one included; 0 if an established connection ended.</summary>
    public int Failures { get; init; }
}
