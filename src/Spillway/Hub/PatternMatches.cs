namespace Spillway.Hub;

/// <summary>The matchers that match a topic.</summary>
/// <param name="Matchers">About as many as an event may have links of patterns, at most.</param>
/// <param name="Overflow">Whether more may match: then the event goes to the overflow strand too, and feeds look for themselves.</param>
internal sealed record PatternMatches(IndexedMatcher[] Matchers, bool Overflow)
{
    public static PatternMatches None { get; } = new([], false);
}
