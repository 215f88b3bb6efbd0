namespace Spillway.History;

/// <summary>A stretch (From, To] of history whose payloads are gone.</summary>
/// <param name="Count">How many selected events were in it; null where the index no longer knows.</param>
/// <param name="Corrupt">Whether damage took them; else retention did.</param>
internal sealed record HistoryGap(long From, long To, long? Count, bool Corrupt);
