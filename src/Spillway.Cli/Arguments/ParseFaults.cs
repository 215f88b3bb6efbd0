using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Spillway.Cli.Arguments;

/// <summary>Says what is wrong with a command line, in our words.</summary>
internal static class ParseFaults
{
    /// <summary>Every fault; empty where the command can run, or where help or the version was asked for.</summary>
    public static IReadOnlyList<string> Find(ParseResult result)
    {
        if (result.Action is { ClearsParseErrors: true } and not ParseErrorAction)
        {
            return [];
        }

        return [.. result.Errors.Select(error => Explain(result, error)).Distinct().Where(static fault => fault.Length > 0)];
    }

    /// <summary>A command as one types it.</summary>
    public static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : command.Name;

    private static string Explain(ParseResult result, ParseError error)
    {
        if (result.UnmatchedTokens.FirstOrDefault(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal)) is { } unknown)
        {
            return ExplainUnknown(result.CommandResult.Command, unknown);
        }

        return error.SymbolResult switch
        {
            OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} has no value; write {option.Option.Name} {option.Option.HelpName ?? "VALUE"}.",
            ArgumentResult { Tokens.Count: 0 } argument => $"{argument.Argument.Name} is missing.",
            CommandResult { Command: { Action: null } command } => result.UnmatchedTokens.Count > 0
                ? "" // The word that is no command is told already.
                : $"No command is named; use {Known(command.Subcommands)}.",
            _ => error.Message,
        };
    }

    private static string ExplainUnknown(Command command, string token)
    {
        if (token.StartsWith('-'))
        {
            return $"{token} is no option of {NameOf(command)}; it has {Known(command.Options)}. Where it is a value, write -- before it.";
        }

        return command.Subcommands.Count > 0
            ? $"\"{token}\" is no command; use {Known(command.Subcommands)}."
            : $"\"{token}\" is one argument more than {NameOf(command)} takes; put quotes around a value with spaces.";
    }

    private static string Known(IEnumerable<Symbol> symbols) =>
        Values.OneOf([.. symbols.Select(static symbol => symbol.Name).Order(StringComparer.Ordinal)]);
}
