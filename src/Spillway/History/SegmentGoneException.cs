namespace Spillway.History;

/// <summary>A segment was dropped, or replaced, while a reader came to it. Caught by the history, which reads again in what there is now.</summary>
internal sealed class SegmentGoneException(string name) : IOException($"{name} of the history was dropped while it was read.");
