using System.CommandLine;
using Spillway.Cli.Serve.Tls;

namespace Spillway.Cli.Rules;

/// <summary><c>spillway rules check</c>.</summary>
internal static class CheckCommand
{
    public static Command Create(Terminal terminal)
    {
        var config = RulesCommand.Config();
        var command = new Command("check", "Says whether serve would start with the settings, or a running hub take them over; ends with 2 and every fault if not.") { config };
        command.SetAction(async (result, _) =>
        {
            var settings = RulesCommand.Read(terminal, result.GetValue(config));
            if (settings.Tls.Certificate is not null)
            {
                TlsIdentityReader.Open(settings.Tls, terminal.Clock.GetUtcNow());
            }

            var rules = ExplainedRule.ReadAll(settings.Configuration);
            await terminal.Out.WriteLineAsync(rules.Count == 1 ? "1 rule, no fault" : $"{rules.Count} rules, no fault");
            return ExitCode.Success;
        });
        return command;
    }
}
