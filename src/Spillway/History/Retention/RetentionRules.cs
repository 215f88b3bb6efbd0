using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>The rules by which events are kept, where at least one has bounds of its own.</summary>
internal sealed class RetentionRules
{
    private readonly TopicRules _topics;
    private readonly RuleBounds[] _bounds;

    private RetentionRules(TopicRules topics, RuleBounds[] bounds)
    {
        (_topics, _bounds) = (topics, bounds);
        LeastAge = bounds.Min(static rule => rule.MaxMilliseconds);
    }

    public int Count => _bounds.Length;

    /// <summary>The shortest time for which events of some rule are kept, in milliseconds.</summary>
    public long LeastAge { get; }

    public RuleBounds this[int rule] => _bounds[rule];

    /// <summary>Null where no rule has bounds of its own.</summary>
    /// <param name="age">The hub's, in milliseconds, for rules without one.</param>
    public static RetentionRules? From(TopicRules? topics, long age)
    {
        if (topics is null)
        {
            return null;
        }

        var bounds = new RuleBounds[topics.Count];
        var hasOwn = false;
        for (var i = 0; i < bounds.Length; i++)
        {
            var rule = topics[i];
            hasOwn |= rule.MaxAge is not null || rule.MaxBytes is not null || rule.MaxEvents is not null;
            bounds[i] = new RuleBounds(
                rule.Pattern, (long?)rule.MaxAge?.TotalMilliseconds ?? age, rule.MaxBytes ?? RuleBounds.Unbounded, rule.MaxEvents ?? RuleBounds.Unbounded);
        }

        return hasOwn ? new RetentionRules(topics, bounds) : null;
    }

    /// <summary>The rule of an event, by its canonical topic.</summary>
    public int IndexFor(ReadOnlySpan<byte> topic) => _topics.IndexFor(topic);
}
