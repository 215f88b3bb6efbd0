namespace Spillway.History;

/// <summary>Matching records of one stretch of history, in order: everything selected in (From, To], and nothing else.</summary>
/// <param name="From">The offset after which the page begins.</param>
/// <param name="To">The offset up to which was looked; the next page begins there. At least the last record's offset.</param>
/// <param name="Records">Whole records (<c>EventRecord</c>), one behind the other. Markers are included.</param>
/// <param name="Missing">What of (From, To] is no longer there; null if nothing is missing.</param>
internal sealed record HistoryPage(long From, long To, ReadOnlyMemory<byte> Records, HistoryGap? Missing)
{
    /// <summary>Of a snapshot: the damaged stretches behind <see cref="Missing"/>, in order. A value that was in one is missing, or an older one stands in its place.</summary>
    public IReadOnlyList<HistoryGap> Damage { get; init; } = [];
}
