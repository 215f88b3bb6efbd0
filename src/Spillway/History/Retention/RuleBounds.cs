namespace Spillway.History.Retention;

/// <summary>How much of one rule's events is kept.</summary>
/// <param name="Pattern">The rule's.</param>
/// <param name="MaxMilliseconds">Its own, or the hub's.</param>
/// <param name="MaxBytes">Its quota; <see cref="Unbounded"/> where it has none.</param>
/// <param name="MaxEvents">Its quota; <see cref="Unbounded"/> where it has none.</param>
internal readonly record struct RuleBounds(string Pattern, long MaxMilliseconds, long MaxBytes, long MaxEvents)
{
    public const long Unbounded = long.MaxValue;

    /// <summary>Whether it keeps its events until its own quota is passed, whatever comes for other topics.</summary>
    public bool HasQuota => MaxBytes != Unbounded || MaxEvents != Unbounded;
}
