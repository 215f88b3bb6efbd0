using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Events after <paramref name="From"/>, up to and including <paramref name="To"/>, that a connection is told it missed. Encoders write the positions: as they write ids.</summary>
/// <param name="From">The last position before it.</param>
/// <param name="To">The last position in it.</param>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many events of this subscription; null where nobody knows any more. If known, it is exact.</param>
/// <param name="Cursor">What is told in the place of <paramref name="From"/>, where that is not a position of this hub's: the cursor as the client sent it, whatever that is.</param>
internal readonly record struct Gap(Position From, Position To, GapReason Reason, long? Count, string? Cursor = null);
