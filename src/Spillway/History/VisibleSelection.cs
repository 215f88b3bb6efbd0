namespace Spillway.History;

/// <summary>
/// What a pattern over more than topics selects: of the events that the first matcher matches, and the second where there is one, those that are private, or those that are public. Patterns of one selection that have a
/// matcher in common have the same object for it.
/// </summary>
internal sealed record VisibleSelection(Selection First, Selection? Second, bool IsPrivate);
