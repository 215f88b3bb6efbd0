using System.CommandLine;
using Spillway.Events;
using Spillway.History;
using Spillway.History.Storage;

namespace Spillway.Cli.History;

/// <summary><c>spillway history fork</c>.</summary>
internal sealed class ForkCommand(Terminal terminal)
{
    private readonly Argument<string> _directory = HistoryCommand.Directory();

    public static Command Create(Terminal terminal)
    {
        var self = new ForkCommand(terminal);
        var command = new Command(
            "fork",
            "Gives a copy an epoch of its own, so that its ids are never taken for those of the original. A hub does that by itself where it finds that files were copied or restored. Run this where "
            + "it cannot see that: after the snapshot of a volume or of a virtual machine was restored or cloned, outside Linux, or on a file system that does not note when files were made. "
            + "Cursors up to the last event of the copy stay good; subscribers that were further are told a gap.")
        {
            self._directory,
        };
        command.SetAction(result => HistoryCommand.RunAsync(terminal, result.GetValue(self._directory)!, self.ForkAsync));
        return command;
    }

    private async Task<int> ForkAsync(string directory)
    {
        HistoryFiles.Require(directory);
        var logger = new ErrorLogger(terminal);
        var store = DirectoryStore.Open(directory, new RealDisk(directory), DirectoryLock.Acquire(directory), logger, branch: true);
        var progress = new Progress(terminal, "read");
        store.Loaded = progress.Report;
        var metrics = new HistoryMetrics(null);
        SegmentedHistory history;
        try
        {
            history = new SegmentedHistory(Everything(), store, terminal.Clock, logger, metrics); // As a hub opens it; with nothing taken for too old.
        }
        catch
        {
            metrics.Dispose();
            store.Dispose();
            throw;
        }

        history.Dispose();
        var parent = store.Chain.Ancestors[0];
        await terminal.Out.WriteLineAsync($"epoch {Position.NameOf(store.Chain.Epoch)} goes on where {Position.NameOf(parent.Epoch)} was at {new Position(parent.Epoch, parent.Last)}: "
            + "cursors up to that one stay good, who was further is told a gap");
        return ExitCode.Success;
    }

    private static HistoryLimits Everything() =>
        HistoryLimits.From(new HistoryOptions()) with { MaxBytes = long.MaxValue, MaxEvents = long.MaxValue, MaxMilliseconds = long.MaxValue / 2, SegmentMilliseconds = long.MaxValue };
}
