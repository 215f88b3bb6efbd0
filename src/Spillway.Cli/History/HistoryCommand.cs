using System.CommandLine;
using Spillway.History.Storage;

namespace Spillway.Cli.History;

/// <summary><c>spillway history</c>: tools for a directory that no hub uses at the moment.</summary>
internal static class HistoryCommand
{
    public static Command Create(Terminal terminal) => new("history", "Looks at a history's directory, or cuts it, while no hub uses it.")
    {
        VerifyCommand.Create(terminal),
        StatsCommand.Create(terminal),
        DumpCommand.Create(terminal),
        TruncateCommand.Create(terminal),
    };

    /// <summary>The directory that every tool takes.</summary>
    public static Argument<string> Directory() => new("DIR") { Description = "The directory that the hub's --data names." };

    /// <summary>Runs a tool, and says what keeps it from its work.</summary>
    public static async Task<int> RunAsync(Terminal terminal, string directory, Func<HistoryFiles, Task<int>> work)
    {
        directory = Path.GetFullPath(directory);
        try
        {
            using var files = HistoryFiles.Open(directory);
            return await work(files);
        }
        catch (Exception fault) when (HistoryFault.IsOfDirectory(fault))
        {
            await terminal.Error.WriteLineAsync($"spillway: {(fault is DirectoryNotFoundException ? fault.Message : HistoryFault.Explain(directory, fault))}");
            return ExitCode.Failure;
        }
    }

    /// <summary>A line for a person who waits; not for a script that reads.</summary>
    public static async Task SayProgressAsync(Terminal terminal, int done, int all, string what)
    {
        if (terminal.Colours && all > 1)
        {
            await terminal.Error.WriteAsync($"\r{what} {done} of {all}{(done == all ? "\n" : "")}");
        }
    }
}
