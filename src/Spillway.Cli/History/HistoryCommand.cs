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
        ForkCommand.Create(terminal),
    };

    /// <summary>The directory that every tool takes.</summary>
    public static Argument<string> Directory() => new("DIR") { Description = "The directory that the hub's --data names." };

    /// <summary>Runs a tool on the files of a directory, and says what keeps it from its work.</summary>
    public static Task<int> RunAsync(Terminal terminal, string directory, Func<HistoryFiles, Task<int>> work) => RunAsync(terminal, directory, async full =>
    {
        using var files = HistoryFiles.Open(full);
        return await work(files);
    });

    /// <summary>Runs a tool on a directory, and says what keeps it from its work.</summary>
    public static async Task<int> RunAsync(Terminal terminal, string directory, Func<string, Task<int>> work)
    {
        directory = Path.GetFullPath(directory);
        try
        {
            return await work(directory);
        }
        catch (Exception fault) when (HistoryFault.IsOfDirectory(fault))
        {
            await terminal.Error.WriteLineAsync($"spillway: {(fault is DirectoryNotFoundException ? fault.Message : HistoryFault.Explain(directory, fault))}");
            return ExitCode.Failure;
        }
    }

    /// <summary>The offset that a cursor stands for in this history.</summary>
    /// <exception cref="UsageException">It is of another history, or of a part of one that this is a copy of which is not in it.</exception>
    public static long Find(HistoryFiles files, string option, string cursor)
    {
        var position = files.Read(cursor);
        return files.Chain is null || files.Chain.TryFind(position, out var offset) ? position.Offset : throw new UsageException(offset is { } common
            ? $"{option} is \"{cursor}\", and what followed that is not in this history, which is a copy from before; the last cursor of it that is understood is {position with { Offset = common }}."
            : $"{option} is \"{cursor}\", a cursor of another history; give one of this, like {files.At(0)}.");
    }
}
