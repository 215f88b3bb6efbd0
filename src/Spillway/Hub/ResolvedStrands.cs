namespace Spillway.Hub;

/// <summary>A subscription's strands, referenced for its loop, and where the hub stood at that moment.</summary>
/// <param name="Strands">Sorted, each once.</param>
/// <param name="Birth">The slot before which the strands are not complete.</param>
/// <param name="Head">The newest slot dispatched.</param>
/// <param name="HeadOffset">Its offset.</param>
/// <param name="AllEnded">Whether all are topics that have ended.</param>
internal sealed record ResolvedStrands(int[] Strands, long Birth, long Head, long HeadOffset, bool AllEnded);
