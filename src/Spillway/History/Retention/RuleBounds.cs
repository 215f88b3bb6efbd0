using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>How much of one rule's events is kept.</summary>
/// <param name="Pattern">The rule's.</param>
/// <param name="MaxMilliseconds">Its own, or the hub's.</param>
/// <param name="MaxBytes">Its quota; <see cref="Unbounded"/> where it has none.</param>
/// <param name="MaxEvents">Its quota; <see cref="Unbounded"/> where it has none.</param>
/// <param name="MaxKeys">Of so many topics and keys the newest event is kept beyond all that; 0: of none.</param>
internal readonly record struct RuleBounds(string Pattern, long MaxMilliseconds, long MaxBytes, long MaxEvents, int MaxKeys)
{
    public const long Unbounded = long.MaxValue;

    /// <summary>A sixteenth of its age is not worth an old segment's writing: so a segment is written sixteen times at most for it.</summary>
    private const int Portions = 16;

    /// <summary>Whether it keeps its events until its own quota is passed, whatever comes for other topics.</summary>
    public bool HasQuota => MaxBytes != Unbounded || MaxEvents != Unbounded;

    /// <summary>Whether it keeps newest events.</summary>
    public bool Retains => MaxKeys > 0;

    /// <summary>So much longer than its age an event may be kept, in milliseconds, if that is more than a segment spans.</summary>
    public long SlackMilliseconds => MaxMilliseconds / Portions;

    /// <param name="age">The hub's, in milliseconds.</param>
    public static RuleBounds Of(TopicRule rule, long age) =>
        new(
        rule.Pattern, (long?)rule.MaxAge?.TotalMilliseconds ?? age, rule.MaxBytes ?? Unbounded, rule.MaxEvents ?? Unbounded, rule.Retain == RetainMode.Latest ? rule.EffectiveMaxKeys : 0);
}
