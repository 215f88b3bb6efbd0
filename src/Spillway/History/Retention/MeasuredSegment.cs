namespace Spillway.History.Retention;

/// <summary>A segment, and what it holds of each rule.</summary>
/// <param name="IsClosed">Whether retention may take from it: nothing is appended any more, and in a directory it is sealed.</param>
internal sealed record MeasuredSegment(ISegment Segment, SegmentUsage Usage, bool IsClosed);
