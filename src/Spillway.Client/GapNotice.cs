namespace Spillway.Client;

/// <summary>Events that this subscription would have received and did not: those after <see cref="From"/>, up to and including <see cref="To"/>.</summary>
public sealed record GapNotice : StreamItem
{
    internal GapNotice(string cursor)
        : base(cursor)
    {
    }

    /// <summary>The last position before the gap, as a cursor.</summary>
    public required string From { get; init; }

    /// <summary>The last position in the gap, as a cursor.</summary>
    public required string To { get; init; }

    /// <summary>Why the events were not delivered.</summary>
    public GapReason Reason { get; init; }

    /// <summary>How many events were missed; null where the hub does not know.</summary>
    public long? Count { get; init; }

    /// <summary>Whether <see cref="Count"/> is exact.</summary>
    public bool Exact { get; init; }
}
