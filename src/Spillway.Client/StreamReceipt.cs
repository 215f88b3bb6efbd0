namespace Spillway.Client;

/// <summary>What became of a stream of events. Good lines stay, before and after a bad one.</summary>
/// <param name="Accepted">Events that were added to history.</param>
/// <param name="Duplicates">Events that were there already, by their id.</param>
/// <param name="Cursor">The position of the last one; empty if there was none.</param>
/// <param name="Errors">The first faults, 100 unless the hub sets another limit.</param>
/// <param name="ErrorsOmitted">How many more there were.</param>
public sealed record StreamReceipt(long Accepted, long Duplicates, string Cursor, IReadOnlyList<LineFault> Errors, long ErrorsOmitted);
