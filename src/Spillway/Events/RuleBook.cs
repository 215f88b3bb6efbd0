using System.Diagnostics.CodeAnalysis;

namespace Spillway.Events;

/// <summary>Where the rules in force are. Whoever judges several things by the same rules reads <see cref="Current"/> once.</summary>
/// <remarks>
/// A loop reads it behind the window's head: rules are shown before the first event that was appended under them. Removed rules stay known by their index as long as an
/// event with it can be read, so that rules newer than an event are never wrong about its index.
/// </remarks>
internal sealed class RuleBook(IEnumerable<TopicRule> rules)
{
    /// <summary>So many are remembered, for events that are read from history.</summary>
    private const int MaxRemembered = 8;

    private volatile TopicRules[] _newest = [new(rules)]; // The newest first.

    /// <summary>The rules in force.</summary>
    public TopicRules Current => _newest[0];

    /// <summary>The rules under which the event at an offset went to the window; null where that is too many changes ago.</summary>
    public TopicRules? At(long offset)
    {
        foreach (var rules in _newest)
        {
            if (offset > rules.Since)
            {
                return rules;
            }
        }

        return null;
    }

    /// <summary>Replaces the rules. Whoever gives out indices calls it, between two events: under the dispatcher's lock.</summary>
    public bool TryChange(IEnumerable<TopicRule> rules, long since, Func<int, bool> isInUse, [NotNullWhen(false)] out string? fault)
    {
        if (Current.TryChange(rules, since, isInUse) is not { } changed)
        {
            fault = $"Spillway:Rules has new patterns, but the window still holds events of so many removed rules that there would be more than {TopicRules.MaxRules}; "
                + "try again when those events have left it, or restart.";
            return false;
        }

        fault = null;
        _newest = [changed, .. _newest.Take(MaxRemembered - 1)];
        return true;
    }
}
