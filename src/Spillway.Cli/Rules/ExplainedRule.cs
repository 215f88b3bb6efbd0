using System.Reflection;
using Microsoft.Extensions.Configuration;
using Spillway.Configuration;
using Spillway.Events;

namespace Spillway.Cli.Rules;

/// <summary>A rule in the list, and which of its options were set.</summary>
/// <param name="Number">Its place, from 0; null: the hub adds it behind the last one.</param>
/// <param name="Rule">The options.</param>
/// <param name="Pattern">The topics that it is for.</param>
/// <param name="Set">The names of the options that the configuration sets.</param>
internal sealed record ExplainedRule(int? Number, TopicRule Rule, TopicPattern Pattern, IReadOnlySet<string> Set)
{
    /// <summary>Its options but for the pattern, each with the value in force and where that comes from.</summary>
    public IEnumerable<(PropertyInfo Property, object? Value, string From)> Options =>
        OptionShape.PropertiesOf(typeof(TopicRule)).Where(static property => property.Name != nameof(TopicRule.Pattern)).Select(Explain);

    /// <summary>All rules of a configuration without faults, in their order, with the one that the hub adds.</summary>
    public static IReadOnlyList<ExplainedRule> ReadAll(IConfiguration configuration)
    {
        var options = new SpillwayOptions();
        SpillwayConfiguration.Bind(configuration, options, []);
        var sections = configuration.GetSection($"{SpillwayOptions.Section}:{nameof(SpillwayOptions.Rules)}").GetChildren().ToArray();
        return [.. new TopicRules(options.Rules).Listed.Select((rule, number) => number < sections.Length
            ? new ExplainedRule(number, rule.Rule, rule.Pattern, NamesIn(sections[number]))
            : new ExplainedRule(null, rule.Rule, rule.Pattern, new HashSet<string>()))];
    }

    private static HashSet<string> NamesIn(IConfigurationSection section) =>
        section.GetChildren().Where(static child => child.Value is not null).Select(static child => child.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private (PropertyInfo Property, object? Value, string From) Explain(PropertyInfo property)
    {
        var value = property.GetValue(Rule);
        if (property.Name == nameof(TopicRule.Overflow) && value is null)
        {
            return (property, Rule.EffectiveOverflow, $"default {(Rule.History ? "with" : "without")} history");
        }

        if (property.Name == nameof(TopicRule.MaxKeys) && value is null && Rule.Retain != RetainMode.None)
        {
            return (property, Rule.EffectiveMaxKeys, "default");
        }

        return (property, value, Set.Contains(property.Name) ? "rule" : "default");
    }
}
