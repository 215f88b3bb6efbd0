namespace Spillway.History.Sealed;

/// <summary>What a sidecar says of one record.</summary>
/// <param name="Bits">As <see cref="SegmentIndex"/> keeps them.</param>
/// <param name="Start">Where it begins in the file, behind the segment's header.</param>
/// <param name="Next">The number, one higher, of the next record with its topic, key and visibility; 0 if there is none.</param>
internal readonly record struct SidecarRecord(int Ordinal, long Offset, uint Bits, int Start, int Length, int Next);
