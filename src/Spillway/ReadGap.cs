namespace Spillway;

/// <summary>Selected events that a reader does not get: those after <see cref="From"/>, up to and including <see cref="To"/>.</summary>
/// <param name="From">The last position before the gap, as a cursor.</param>
/// <param name="To">The last position in the gap, as a cursor.</param>
/// <param name="Reason">Why they are missing.</param>
/// <param name="Count">How many of the selected events were in it; null where that is no longer known.</param>
public sealed record ReadGap(string From, string To, ReadGapReason Reason, long? Count);
