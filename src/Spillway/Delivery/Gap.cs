namespace Spillway.Delivery;

/// <summary>Events after <paramref name="From"/>, up to and including <paramref name="To"/>, that a connection is told it missed.</summary>
/// <param name="From">The last position before it, as a cursor.</param>
/// <param name="To">The last position in it, as a cursor.</param>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many events of this subscription; null where nobody knows any more. If known, it is exact.</param>
internal readonly record struct Gap(string From, string To, GapReason Reason, long? Count);
