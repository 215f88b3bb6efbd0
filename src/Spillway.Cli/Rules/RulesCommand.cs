using System.CommandLine;
using Spillway.Cli.Arguments;
using Spillway.Cli.Serve;

namespace Spillway.Cli.Rules;

/// <summary><c>spillway rules</c>: what a hub would do with its rules, without a hub.</summary>
internal static class RulesCommand
{
    public static Command Create(Terminal terminal) => new("rules", "Looks at a hub's topic rules, where serve would read them: the file of --config and the environment.")
    {
        ExplainCommand.Create(terminal),
        CheckCommand.Create(terminal),
    };

    public static Option<string?> Config() => Values.Text(
        "--config", "FILE", "The JSON file that serve is given. Environment variables like SPILLWAY__Rules__0__Pattern='a/**' win over it. Default: none.");

    /// <summary>Reads the settings as serve does.</summary>
    /// <exception cref="UsageException">serve would not start with them.</exception>
    public static ServeSettings Read(Terminal terminal, string? file) => new SettingsSource(terminal.Environment, file, new Dictionary<string, string?>()).Read();
}
