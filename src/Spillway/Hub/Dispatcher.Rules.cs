using System.Diagnostics.CodeAnalysis;
using Spillway.Events;

namespace Spillway.Hub;

/// <summary>How the rules change under publishing.</summary>
internal sealed partial class Dispatcher
{
    private readonly long[] _lastOfRule = new long[TopicRules.MaxRules]; // Each index's newest slot; 0: none yet.

    /// <summary>Replaces the rules between two events. Topics' rules are looked up anew when their next event comes, not here: there may be millions.</summary>
    public bool TryChangeRules(IEnumerable<TopicRule> changed, [NotNullWhen(false)] out string? fault)
    {
        lock (_gate)
        {
            var oldest = window.OldestRead;
            if (!rules.TryChange(changed, window.PublishedOffset, index => _lastOfRule[index] > 0 && _lastOfRule[index] >= oldest, out fault))
            {
                return false;
            }

            if (rules.Current.Version % ushort.MaxValue == 0)
            {
                strands.ForgetRules(); // Once in 65,535 changes, before two of them look alike.
            }

            return true;
        }
    }

    /// <summary>The index of the rule for an event.</summary>
    private byte FindRule(long slot, in EventRecord record, int canonical)
    {
        var index = canonical >= 0 ? strands.FindRule(canonical, rules.Current) : rules.Current.IndexFor(record.Topic);
        _lastOfRule[index] = slot;
        return index;
    }
}
