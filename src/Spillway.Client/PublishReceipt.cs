namespace Spillway.Client;

/// <summary>The hub has committed what was published.</summary>
/// <param name="Accepted">Events that were added to history.</param>
/// <param name="Duplicates">Events that were there already, by their id.</param>
/// <param name="Cursor">The position of the last one; empty if there was none.</param>
public sealed record PublishReceipt(long Accepted, long Duplicates, string Cursor);
