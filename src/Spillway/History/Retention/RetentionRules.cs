using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>The rules by which events are kept, where at least one has bounds of its own or retains newest events. Nothing in it ever changes; <see cref="CurrentRetention"/> replaces it as a whole.</summary>
internal sealed class RetentionRules
{
    private readonly TopicRules _topics;
    private readonly RuleBounds[] _bounds; // As listed.
    private readonly byte[] _places = new byte[TopicRules.MaxRules]; // By index: an index stays a pattern's when the list changes.

    private RetentionRules(TopicRules topics, RuleBounds[] bounds)
    {
        (_topics, _bounds) = (topics, bounds);
        RetainAny = bounds.Any(static rule => rule.Retains);
        LeastAge = bounds.Min(static rule => rule.MaxMilliseconds);
        for (var place = 0; place < bounds.Length; place++)
        {
            _places[topics.Listed[place].Index] = (byte)place;
        }
    }

    public int Count => _bounds.Length;

    /// <summary>The shortest time for which events of some rule are kept, in milliseconds.</summary>
    public long LeastAge { get; }

    public RuleBounds this[int rule] => _bounds[rule];

    /// <summary>Whether any rule keeps newest events.</summary>
    public bool RetainAny { get; }

    /// <summary>Null where no rule has bounds of its own or retains anything.</summary>
    /// <param name="age">The hub's, in milliseconds, for rules without one.</param>
    public static RetentionRules? From(TopicRules topics, long age)
    {
        var rules = topics.Listed.Select(static listed => listed.Rule).ToList();
        var haveOwn = rules.Exists(static rule => rule is { MaxAge: not null } or { MaxBytes: not null } or { MaxEvents: not null } or { Retain: RetainMode.Latest });
        return haveOwn ? new RetentionRules(topics, [.. rules.Select(rule => RuleBounds.Of(rule, age))]) : null;
    }

    /// <summary>The rule of an event, by its canonical topic.</summary>
    public int IndexFor(ReadOnlySpan<byte> topic) => _places[_topics.IndexFor(topic)];

    /// <summary>Whether what was found out by the others holds by these: every event has the rule with the same number in both, and what is retained is the same.</summary>
    public bool DividesAs(RetentionRules? other) =>
        other is not null && _bounds.Select(static rule => (rule.Pattern, rule.MaxKeys)).SequenceEqual(other._bounds.Select(static rule => (rule.Pattern, rule.MaxKeys)));

    /// <summary>Whether both keep the same.</summary>
    public bool KeepsAs(RetentionRules? other) => other is not null && _bounds.SequenceEqual(other._bounds);
}
