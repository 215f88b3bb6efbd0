using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Spillway.Cli.Arguments;
using Spillway.Configuration;
using Spillway.Events;

namespace Spillway.Cli.Rules;

/// <summary><c>spillway rules explain</c>.</summary>
internal sealed class ExplainCommand(Terminal terminal)
{
    private readonly Argument<string> _topic = new("TOPIC") { Description = "The canonical topic of an event; its alternates choose no rule." };
    private readonly Option<string?> _config = RulesCommand.Config();
    private readonly Option<bool> _json = Values.Flag("--json", "Prints one JSON object. Default: off.");

    public static Command Create(Terminal terminal)
    {
        var self = new ExplainCommand(terminal);
        var command = new Command("explain", "Says which rule applies to a topic and why: the rules before it, and each of its options with the value in force and where that comes from.")
        {
            self._topic, self._config, self._json,
        };
        command.SetAction((result, _) => self.RunAsync(result));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        var topic = result.GetValue(_topic)!;
        if (!Topic.TryValidate(topic, out var fault))
        {
            throw new UsageException($"TOPIC is \"{topic}\", which {fault}.");
        }

        var rules = ExplainedRule.ReadAll(RulesCommand.Read(terminal, result.GetValue(_config)).Configuration);
        var name = Encoding.UTF8.GetBytes(topic);
        var before = rules.TakeWhile(rule => !rule.Pattern.Matches(name)).ToArray();
        await terminal.Out.WriteLineAsync(result.GetValue(_json) ? ToJson(topic, before, rules[before.Length]) : ToText(before, rules[before.Length]));
        return ExitCode.Success;
    }

    private static string ToText(ExplainedRule[] before, ExplainedRule rule)
    {
        var text = new StringBuilder();
        var width = before.Append(rule).Max(static each => each.Pattern.Text.Length);
        foreach (var other in before)
        {
            text.AppendLine($"rule {other.Number,-3} {other.Pattern.Text.PadRight(width)}  does not match");
        }

        text.Append($"rule {(rule.Number is { } number ? $"{number}" : "-"),-3} {rule.Pattern.Text.PadRight(width)}  applies");
        text.Append(rule.Number is null ? ": no rule matches, and this one the hub adds" : "");
        foreach (var (property, value, from) in rule.Options)
        {
            text.AppendLine().Append($"  {property.Name,-14} {OptionText.Format(property, value),-12} {from}");
        }

        return text.ToString();
    }

    private static string ToJson(string topic, ExplainedRule[] before, ExplainedRule rule)
    {
        var options = new JsonObject();
        foreach (var (property, value, from) in rule.Options)
        {
            options[property.Name] = new JsonObject { ["value"] = ToJson(property, value), ["from"] = from };
        }

        return new JsonObject
        {
            ["topic"] = topic,
            ["rule"] = rule.Number,
            ["pattern"] = rule.Pattern.Text,
            ["options"] = options,
            ["passedOver"] = new JsonArray([.. before.Select(static other => new JsonObject { ["rule"] = other.Number, ["pattern"] = other.Pattern.Text })]),
        }.ToJsonString();
    }

    private static JsonNode? ToJson(System.Reflection.PropertyInfo property, object? value) => value switch
    {
        null => null,
        bool flag => flag,
        int number => number,
        long number => number,
        _ => OptionText.Format(property, value),
    };
}
