namespace Spillway.History;

/// <summary>What a pattern over more than topics selects: of the events that the first selection selects, and the second where there is one, those that are private, or those that are public.</summary>
internal sealed record VisibleSelection(Selection First, Selection? Second, bool IsPrivate);
