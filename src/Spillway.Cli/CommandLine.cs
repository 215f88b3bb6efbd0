using System.CommandLine;
using System.CommandLine.Help;
using Spillway.Cli.Admin;
using Spillway.Cli.Arguments;
using Spillway.Cli.Demo;
using Spillway.Cli.Doctor;
using Spillway.Cli.History;
using Spillway.Cli.Publish;
using Spillway.Cli.Rules;
using Spillway.Cli.Serve;
using Spillway.Cli.Subscribe;
using Spillway.Cli.Token;
using Spillway.Client;

namespace Spillway.Cli;

/// <summary>The whole command: what there is, and how faults become messages and exit codes.</summary>
internal static class CommandLine
{
    private const int BrokenPipe = 32; // EPIPE, which .NET puts into an IOException's HResult as it is.

    /// <summary>The command with all its subcommands.</summary>
    public static Command Build(Terminal terminal) =>

        // Not a RootCommand: that would take its name from the assembly. Usage is told as the user runs it; a name with spaces is not taken.
        new(terminal.Command.Contains(' ', StringComparison.Ordinal) ? "spillway" : terminal.Command, "Publishes an event once and pushes it to every subscriber.")
        {
            new HelpOption(),
            new VersionOption(),
            ServeCommand.Create(terminal),
            DemoCommand.Create(terminal),
            PublishCommand.Create(terminal),
            SubscribeCommand.Create(terminal),
            TopicsCommand.Create(terminal),
            StatusCommand.Create(terminal),
            HistoryCommand.Create(terminal),
            RulesCommand.Create(terminal),
            TokenCommand.Create(terminal),
            DoctorCommand.Create(terminal),
        };

    /// <summary>Runs one command and returns its exit code. Nothing but a fault of ours is thrown.</summary>
    public static async Task<int> RunAsync(string[] arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        // No @file arguments and no -abc for -a -b -c: both would change payloads that look like them.
        var result = Build(terminal).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (ParseFaults.Find(result) is { Count: > 0 } faults)
        {
            return Refuse(terminal, faults, ParseFaults.NameOf(result.CommandResult.Command));
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // Signals are ours: a server ends its streams before it goes.
            };
            return await result.InvokeAsync(configuration, cancellationToken);
        }
        catch (UsageException e)
        {
            return Refuse(terminal, e.Faults, ParseFaults.NameOf(result.CommandResult.Command));
        }
        catch (SpillwayException e)
        {
            await terminal.Error.WriteLineAsync($"spillway: {e.Message}");
            if (e.Status == 401)
            {
                await terminal.Error.WriteLineAsync($"spillway: --token-file FILE, or the environment variable {HubOption.TokenVariable}, gives a token or an API key.");
            }

            return e.Status == 400 ? ExitCode.Usage : ExitCode.Failure; // 400 is the hub's word for a value that will never do.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await terminal.Error.WriteLineAsync("spillway: interrupted.");
            return ExitCode.Failure;
        }
        catch (IOException e) when (e.HResult == BrokenPipe)
        {
            return ExitCode.Success; // Whoever read our output has seen enough.
        }
    }

    private static int Refuse(Terminal terminal, IReadOnlyList<string> faults, string command)
    {
        foreach (var fault in faults)
        {
            terminal.Error.WriteLine($"spillway: {fault}");
        }

        terminal.Error.WriteLine($"See '{command} --help'.");
        return ExitCode.Usage;
    }
}
