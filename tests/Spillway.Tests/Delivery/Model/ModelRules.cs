using System.Text;
using Spillway.Events;
using Spillway.TestKit;

namespace Spillway.Tests.Delivery.Model;

/// <summary>A list of rules as a user reads it: the first that matches applies; the last is for everything.</summary>
internal sealed class ModelRules(IEnumerable<TopicRule> rules)
{
    private readonly List<(TopicPattern Pattern, TopicRule Rule)> _rules = [.. rules.Append(new TopicRule()).Select(static rule => (Selectors.Pattern(rule.Pattern), rule))];
    private readonly Dictionary<string, TopicRule> _found = [];

    public bool AnyDisconnects => _rules.Exists(static pair => pair.Rule.EffectiveOverflow == OverflowPolicy.Disconnect);

    public TopicRule For(string topic)
    {
        if (!_found.TryGetValue(topic, out var rule))
        {
            _found[topic] = rule = _rules.First(pair => pair.Pattern.Matches(Encoding.UTF8.GetBytes(topic))).Rule;
        }

        return rule;
    }
}
