namespace Spillway.Problems;

/// <summary>Why access was refused, and to whom.</summary>
/// <param name="Reason">One of few words, for metrics.</param>
/// <param name="Subject">Who it is, as the credential says; null where it says nothing, or is not believed.</param>
internal sealed record AccessNote(string Reason, string? Subject);
