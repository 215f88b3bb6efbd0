namespace Spillway.History.Retention;

/// <summary>What is made of a segment that retention has cleaned.</summary>
/// <param name="Segment">What takes its place.</param>
/// <param name="Content">The same in memory.</param>
/// <param name="Damage">What turned out to be damaged, and was not known to be.</param>
internal sealed record CleanedSegment(ISegment Segment, Segment Content, IReadOnlyList<HistoryGap> Damage);
