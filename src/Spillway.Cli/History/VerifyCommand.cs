using System.CommandLine;
using System.Globalization;
using Spillway.History.Sealed;
using Spillway.History.Storage;

namespace Spillway.Cli.History;

/// <summary><c>spillway history verify</c>.</summary>
internal sealed class VerifyCommand(Terminal terminal)
{
    private readonly Argument<string> _directory = HistoryCommand.Directory();

    public static Command Create(Terminal terminal)
    {
        var self = new VerifyCommand(terminal);
        var command = new Command("verify", "Checks every checksum and changes nothing. Ends with 1 if something is damaged.") { self._directory };
        command.SetAction((result, cancellationToken) => HistoryCommand.RunAsync(terminal, result.GetValue(self._directory)!, files => self.VerifyAsync(files, cancellationToken)));
        return command;
    }

    private async Task<int> VerifyAsync(HistoryFiles files, CancellationToken cancellationToken)
    {
        var (events, bytes, damaged) = (0L, 0L, 0);
        if (files.State is null)
        {
            damaged++;
            await terminal.Out.WriteLineAsync("state: missing, or neither copy passes its checksum; the next start begins a new epoch, in which cursors of this one are understood");
        }
        else if (files.IsCopy)
        {
            await terminal.Out.WriteLineAsync("state: written into another file than this one, so this is a copy; the next start begins a new epoch, in which cursors of this one are understood");
        }

        foreach (var foreign in files.Foreign)
        {
            await terminal.Out.WriteLineAsync($"{foreign}: of another history; the next start puts it aside");
        }

        var sidecars = files.Sidecars.ToHashSet(StringComparer.Ordinal);
        var sidecarCount = sidecars.Count;
        var progress = new Progress(terminal, "checked");
        for (var i = 0; i < files.Segments.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var segment = files.Segments[i];
            if (segment.Header is null)
            {
                damaged++;
                await terminal.Out.WriteLineAsync($"{segment.Name}: neither copy of the header passes its checksum");
                continue;
            }

            var (scan, records) = files.Read(segment);
            events += Records.Count(records.Span);
            bytes += records.Length;
            damaged += await TellAsync(files, segment, scan, isLast: i == files.Segments.Count - 1) ? 1 : 0;
            if (SealedStore.SidecarOf(segment.Name) is var sidecar && sidecars.Remove(sidecar) && !files.IsOf(sidecar, segment, scan, records))
            {
                damaged++;
                await terminal.Out.WriteLineAsync($"{sidecar}: damaged, or of another segment; a hub makes it again from the segment");
            }

            progress.Report(i + 1, files.Segments.Count);
        }

        foreach (var sidecar in sidecars.Where(sidecar => !files.IsWhole(sidecar)))
        {
            damaged++;
            await terminal.Out.WriteLineAsync($"{sidecar}: damaged, and its segment is no longer kept; who missed events in it is not told how many");
        }

        var verdict = damaged == 0 ? "whole" : $"{damaged} of them damaged";
        await terminal.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{files.Segments.Count} segments, {sidecarCount} sidecars, {events:N0} records, {bytes:N0} bytes: {verdict}"));
        return damaged == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    /// <summary>Says what is wrong with a segment. A torn end of the last one is how a crash leaves it, and no damage.</summary>
    private async Task<bool> TellAsync(HistoryFiles files, FoundSegment segment, SegmentScan scan, bool isLast)
    {
        foreach (var gap in scan.Damage)
        {
            await terminal.Out.WriteLineAsync($"{segment.Name}: damaged after {files.At(gap.From)} up to {files.At(gap.To)}");
        }

        var torn = segment.Bytes - SegmentHeader.Length - scan.GoodEnd;
        if (torn > 0 && isLast)
        {
            await terminal.Out.WriteLineAsync($"{segment.Name}: ends in {torn} bytes that are no whole record, as after a crash; the next start cuts them off");
        }

        var missing = !isLast && Math.Max(scan.LastOffset, segment.Header!.Value.CleanedUpTo) < segment.UpTo;
        if (missing)
        {
            await terminal.Out.WriteLineAsync($"{segment.Name}: damaged after {files.At(scan.LastOffset)} up to its end");
        }

        return scan.Damage.Count > 0 || missing;
    }
}
