using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Which rule a topic's strand is under; and what is remembered of topics, forgotten.</summary>
internal sealed partial class StrandTable
{
    /// <summary>Tells the versions of rules apart in two bytes; after a round of them <see cref="ForgetRules"/> is due.</summary>
    public static ushort StampOf(TopicRules rules) => (ushort)(1 + (rules.Version % ushort.MaxValue));

    /// <summary>The dispatcher: a topic's rule, looked up when the strand is new or the rules have changed.</summary>
    public byte FindRule(int strand, TopicRules rules)
    {
        ref var state = ref this[strand];
        if (state.RulesStamp != StampOf(rules))
        {
            var rule = rules.IndexFor(Name(strand));
            if (rule != state.Rule)
            {
                // What came before was under another rule, which may have promised more than this one.
                Volatile.Write(ref state.LastKept, Head(strand).Slot);
            }

            Volatile.Write(ref state.Rule, rule);
            Volatile.Write(ref state.RulesStamp, StampOf(rules));
        }

        return state.Rule;
    }

    /// <summary>A loop that holds the strand: its topic's rule; null where its events may have come under different ones.</summary>
    public TopicRule? RuleOf(int strand, TopicRules rules)
    {
        ref var state = ref this[strand];
        var isNewest = Volatile.Read(ref state.RulesStamp) == StampOf(rules);
        var rule = Volatile.Read(ref state.Rule);
        return isNewest || rules.IndexFor(Name(strand)) == rule ? rules[rule] : null;
    }

    /// <summary>The dispatcher: every rule is looked up anew.</summary>
    public void ForgetRules()
    {
        for (var i = 1; i < _next; i++)
        {
            this[i].RulesStamp = 0;
        }
    }

    /// <summary>The dispatcher: of every topic its patterns are matched anew.</summary>
    public void ForgetMatches()
    {
        for (var i = 1; i < _next; i++)
        {
            this[i].MatchesVersion = -1;
        }
    }
}
