using Spillway.Events;

namespace Spillway.History.Retention;

/// <summary>By which rules events are kept now: those of the book, which may change at any time. Whoever judges several things by the same reads <see cref="Rules"/> once. Any thread.</summary>
/// <param name="age">How long events are kept by rules without an age of their own, in milliseconds.</param>
internal sealed class CurrentRetention(RuleBook book, long age)
{
    private volatile Known? _known;

    /// <summary>Null where no rule has bounds of its own, and whole segments go.</summary>
    public RetentionRules? Rules
    {
        get
        {
            var (topics, known) = (book.Current, _known);
            if (known?.Topics != topics)
            {
                _known = known = new Known(topics, RetentionRules.From(topics, age));
            }

            return known.Rules;
        }
    }

    private sealed record Known(TopicRules Topics, RetentionRules? Rules);
}
