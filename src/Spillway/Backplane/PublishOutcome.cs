namespace Spillway.Backplane;

/// <summary>What became of a batch.</summary>
/// <param name="Status">All events are in, or none.</param>
/// <param name="Index">The event that was the reason, counted from 0, where there is one.</param>
/// <param name="Accepted">Events added.</param>
/// <param name="Duplicates">Events that were there already.</param>
/// <param name="Last">Position of the last event, added or found; of an ephemeral one: the position it follows.</param>
/// <param name="Ephemeral">The number of the last event behind that position, where it is an ephemeral one; else 0.</param>
/// <param name="Detail">The end of a sentence for people, where the status needs one.</param>
internal readonly record struct PublishOutcome(
    PublishStatus Status, int Index = -1, int Accepted = 0, int Duplicates = 0, Events.Position Last = default, uint Ephemeral = 0, string? Detail = null);
