using System.CommandLine;
using System.Globalization;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.Cli.History;

/// <summary><c>spillway history truncate</c>.</summary>
internal sealed class TruncateCommand(Terminal terminal)
{
    private readonly Argument<string> _directory = HistoryCommand.Directory();

    private readonly Option<string> _before = new("--before")
    {
        Description = "A time like 2026-01-31T08:00:00Z, an age like 7d, or a cursor. Segments that hold nothing newer go, whole ones only; the newest stays.",
        HelpName = "TIME|AGE|CURSOR",
        Required = true,
    };

    public static Command Create(Terminal terminal)
    {
        var self = new TruncateCommand(terminal);
        var command = new Command("truncate", "Deletes the oldest segments for good.") { self._directory, self._before };
        command.SetAction(self.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var text = result.GetValue(_before)!;
        Func<HistoryFiles, Func<ReadOnlyMemory<byte>, bool>> isBefore;
        if (Timestamp.TryParse(text, out var time))
        {
            isBefore = _ => record => EventRecord.TimeOf(record.Span) < time;
        }
        else if (Duration.TryParse(text, out var age))
        {
            var limit = terminal.Clock.GetUtcNow().ToUnixTimeMilliseconds() - (long)age.TotalMilliseconds;
            isBefore = _ => record => EventRecord.TimeOf(record.Span) < limit;
        }
        else if (CursorCodec.HasForm(text))
        {
            isBefore = files =>
            {
                var offset = HistoryCommand.Find(files, "--before", text);
                return record => EventRecord.OffsetOf(record.Span) < offset;
            };
        }
        else
        {
            throw new UsageException($"--before is \"{text}\", which is neither a time like 2026-01-31T08:00:00Z, nor an age like 7d, nor a cursor.");
        }

        return HistoryCommand.RunAsync(terminal, result.GetValue(_directory)!, files => TruncateAsync(files, isBefore(files), cancellationToken));
    }

    private async Task<int> TruncateAsync(HistoryFiles files, Func<ReadOnlyMemory<byte>, bool> isBefore, CancellationToken cancellationToken)
    {
        var dropped = new List<FoundSegment>();
        var events = 0L;
        var old = files.Segments.SkipLast(1).Where(static one => one.Header is not null).ToList();
        var progress = new Progress(terminal, "looked at");
        foreach (var segment in old)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (_, records) = files.Read(segment);
            if (!Records.Split(records).All(isBefore))
            {
                break;
            }

            dropped.Add(segment);
            progress.Report(dropped.Count, old.Count);
            events += Records.Count(records.Span);
        }

        files.Delete(dropped);
        await terminal.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"deleted {dropped.Count} segments with {events:N0} records; {files.Segments.Count} segments stay"));
        return ExitCode.Success;
    }
}
