using System.Text;

namespace Spillway.Events;

/// <summary>The rules in force, compiled: which applies to a topic.</summary>
internal sealed class TopicRules
{
    /// <summary>An event's slot holds its rule in one byte.</summary>
    public const int MaxRules = 255;

    private readonly TopicRule[] _rules;
    private readonly TopicPattern[] _patterns;

    /// <summary>Takes validated rules; a last <c>**</c> is added where it is missing.</summary>
    public TopicRules(IEnumerable<TopicRule> rules)
    {
        _rules = [.. rules];
        if (_rules.Length == 0 || _rules[^1].Pattern != "**")
        {
            _rules = [.. _rules, new TopicRule()];
        }

        _patterns = [.. _rules.Select(static rule => TopicPattern.TryParse(rule.Pattern, out var pattern, out var fault)
            ? pattern! : throw new ArgumentException($"The rule's pattern \"{rule.Pattern}\" {fault}."))];
    }

    public TopicRule this[int index] => _rules[index];

    public int Count => _rules.Length;

    /// <summary>The index of the rule for a topic.</summary>
    public int IndexFor(ReadOnlySpan<byte> topic)
    {
        for (var i = 0; i < _patterns.Length - 1; i++)
        {
            if (_patterns[i].Matches(topic))
            {
                return i;
            }
        }

        return _patterns.Length - 1;
    }

    /// <summary>The rule for a topic.</summary>
    public TopicRule For(string topic) =>
        _rules.Length == 1 ? _rules[0] : _rules[IndexFor(Encoding.UTF8.GetBytes(topic))];
}
