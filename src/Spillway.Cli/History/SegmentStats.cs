namespace Spillway.Cli.History;

/// <summary>What a segment holds, or all of them; times in milliseconds since 1970.</summary>
internal sealed record SegmentStats(string Name, long Records, int Topics, long Bytes, long? First, long? Last);
