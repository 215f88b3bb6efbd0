namespace Spillway;

/// <summary>What became of events that were published.</summary>
/// <param name="Accepted">How many were added to history.</param>
/// <param name="Duplicates">How many were there already, by their id.</param>
/// <param name="Cursor">The position of the last one.</param>
public readonly record struct PublishResult(int Accepted, int Duplicates, string Cursor);
