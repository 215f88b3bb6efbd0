namespace Spillway.Tests.History.Format;

/// <summary>What a sidecar says of a record.</summary>
/// <param name="Start">Where it begins, behind the segment's header.</param>
/// <param name="Bits">1: an end; 2: private; 4: has alternates.</param>
/// <param name="Next">The number of the next record with its topic and key.</param>
/// <param name="LeastTime">Of its piece.</param>
internal sealed record FormatEntry(long Offset, int Start, int Length, int Bits, int? Next, long LeastTime);
