using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>A connection's wish for the next page of history. Each connection has at most one under way.</summary>
/// <param name="Plan">What the slow connection gives up; null: nothing.</param>
/// <param name="OnlyCut">Only the next event, whatever its age: part of it is sent already.</param>
/// <param name="ToldExpired">Expired events that were told before: they are skipped, and not counted again.</param>
/// <param name="Room">What a poll still has room for; null: the connection is a stream.</param>
/// <param name="SnapshotUpTo">0, or: only the newest event of every topic and key up to this offset.</param>
internal sealed record ReplayRequest(
    DeliveryLoop Loop, int Connection, int Generation, SelectorSet Selectors, WireFormat Format, long From, long SnapshotUpTo, CatchUpPlan? Plan, bool OnlyCut, ToldExpired ToldExpired,
    Room? Room = null);
