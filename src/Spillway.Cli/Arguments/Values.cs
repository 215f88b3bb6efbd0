using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Spillway.Cli.Arguments;

/// <summary>Options whose values are read and refused in our words.</summary>
internal static class Values
{
    /// <summary>A whole number within bounds; null where the option is absent.</summary>
    public static Option<int?> Number(string name, string helpName, int least, int most, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result => int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : Refuse<int?>(result, name, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}")),
    };

    /// <summary>A duration as the protocol writes it; null where the option is absent.</summary>
    public static Option<TimeSpan?> Duration(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result => Events.Duration.TryParse(result.Tokens[0].Value, out var duration)
            ? duration
            : Refuse<TimeSpan?>(result, name, "a number with a unit ms, s, m, h or d, for example 90s"),
    };

    /// <summary>A duration within bounds; null where the option is absent.</summary>
    public static Option<TimeSpan?> Duration(string name, TimeSpan least, TimeSpan most, string bounds, string description) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result => Events.Duration.TryParse(result.Tokens[0].Value, out var duration) && duration >= least && duration <= most
            ? duration
            : Refuse<TimeSpan?>(result, name, $"a duration from {bounds}, for example 200ms"),
    };

    /// <summary>One of some words, in any case; null where the option is absent.</summary>
    public static Option<string?> Choice(string name, string[] choices, string description) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices),
        CustomParser = result => choices.FirstOrDefault(choice => choice.Equals(result.Tokens[0].Value, StringComparison.OrdinalIgnoreCase))
            ?? Refuse<string?>(result, name, OneOf(choices)),
    };

    /// <summary>Any text; null where the option is absent.</summary>
    public static Option<string?> Text(string name, string helpName, string description) => new(name) { Description = description, HelpName = helpName };

    /// <summary>Any number of texts.</summary>
    public static Option<string[]> Texts(string name, string helpName, string description) => new(name)
    {
        Description = description,
        HelpName = helpName,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>On where it is named.</summary>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>The words as one says them: a, b or c.</summary>
    public static string OneOf(IReadOnlyList<string> words) => words.Count == 1 ? words[0] : $"{string.Join(", ", words.SkipLast(1))} or {words[^1]}";

    private static T? Refuse<T>(ArgumentResult result, string name, string wanted)
    {
        result.AddError($"{name} is \"{result.Tokens[0].Value}\"; give it {wanted}.");
        return default;
    }
}
