namespace Spillway.Hub;

/// <summary>The strands of the patterns that match a topic.</summary>
/// <param name="Strands">At most as many as an event may have links of patterns.</param>
/// <param name="Overflow">Whether more may match: then the event goes to the overflow strand too, and feeds look for themselves.</param>
internal sealed record PatternMatches(int[] Strands, bool Overflow)
{
    public static PatternMatches None { get; } = new([], false);
}
