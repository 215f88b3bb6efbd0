using System.CommandLine;
using System.Globalization;
using Spillway.Cli.Arguments;

namespace Spillway.Cli.Doctor;

/// <summary><c>spillway doctor host</c>.</summary>
internal sealed class HostCommand(Terminal terminal)
{
    private const int DefaultConnections = 10_000;

    private readonly Option<int?> _connections = Values.Number(
        "--connections", "N", 1, 100_000_000, string.Create(CultureInfo.InvariantCulture, $"How many subscribers at once the host is to carry. Default: {DefaultConnections}."));

    private readonly Option<int?> _pid = Values.Number(
        "--pid", "PID", 1, int.MaxValue, "The process whose limits are looked at, for example a hub that runs as a service: they differ from those of a shell. Default: this command's own.");

    private readonly Option<bool> _json = Values.Flag("--json", "Prints one JSON object. Default: off.");

    public static Command Create(Terminal terminal)
    {
        var self = new HostCommand(terminal);
        var command = new Command("host", "Says what this machine lacks for so many connections, with the command that mends each shortfall. Ends with 1 if there is any. Changes nothing.")
        {
            self._connections, self._pid, self._json,
        };
        command.SetAction((result, _) => self.RunAsync(result));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        var files = new HostFiles(terminal.Root);
        var needs = new HostNeeds(result.GetValue(_connections) ?? DefaultConnections);
        var pid = result.GetValue(_pid);
        if (pid is not null && !files.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--pid is \"{pid}\", which is no process here; name one that runs, or leave the option out."));
        }

        var report = new HostReport(needs.Connections, [.. DescriptorChecks.Run(files, needs, pid), .. NetworkChecks.Run(files, needs), .. ResourceChecks.Run(files, needs, pid)]);
        await terminal.Out.WriteLineAsync(result.GetValue(_json) ? report.ToJson() : report.ToText());
        return report.IsFine ? ExitCode.Success : ExitCode.Failure;
    }
}
