using System.Buffers;
using System.CommandLine;
using System.Text;
using Spillway.Cli.Arguments;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.Cli.History;

/// <summary><c>spillway history dump</c>.</summary>
internal sealed class DumpCommand(Terminal terminal)
{
    private readonly Argument<string> _directory = HistoryCommand.Directory();
    private readonly Option<string[]> _patterns = Values.Texts("--pattern", "PATTERN", "Only topics that match; may be given several times. Default: all.");
    private readonly Option<string?> _after = Values.Text("--after", "CURSOR", "Only what comes after this cursor. Default: from the beginning.");
    private readonly Option<int?> _limit = Values.Number("--limit", "N", 1, int.MaxValue, "The most events to print. Default: all.");

    public static Command Create(Terminal terminal)
    {
        var self = new DumpCommand(terminal);
        var command = new Command("dump", $"Prints the events, oldest first, as lines of JSON that {terminal.Command} publish --ndjson takes.")
        {
            self._directory, self._patterns, self._after, self._limit,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var patterns = new List<TopicPattern>();
        foreach (var text in result.GetValue(_patterns) ?? [])
        {
            patterns.Add(TopicPattern.TryParse(text, out var pattern, out var fault) ? pattern! : throw new UsageException($"--pattern \"{text}\" {fault}."));
        }

        var after = result.GetValue(_after);
        if (after is not null && !CursorCodec.HasForm(after))
        {
            throw new UsageException($"--after is \"{after}\", which is no cursor; give one that a hub or this command printed.");
        }

        var limit = result.GetValue(_limit) ?? long.MaxValue;
        return HistoryCommand.RunAsync(terminal, result.GetValue(_directory)!, files => DumpAsync(
            files, patterns, after is null ? 0 : HistoryCommand.Find(files, "--after", after), limit, cancellationToken));
    }

    private async Task<int> DumpAsync(HistoryFiles files, List<TopicPattern> patterns, long after, long limit, CancellationToken cancellationToken)
    {
        var line = new ArrayBufferWriter<byte>();
        var wanted = files.Segments.Where(one => one.Header is not null && one.UpTo > after).ToList();
        var progress = new Progress(terminal, "printed");
        for (var i = 0; i < wanted.Count; i++)
        {
            var segment = wanted[i];
            var (scan, records) = files.Read(segment);
            foreach (var gap in scan.Damage)
            {
                await terminal.Error.WriteLineAsync($"spillway: {segment.Name} is damaged after {files.At(gap.From)}; what can be read goes on.");
            }

            foreach (var record in Records.Split(records))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!Wants(record.Span, patterns, after))
                {
                    continue;
                }

                line.ResetWrittenCount();
                EventLine.Write(files.Chain!.Epoch, new EventRecord(record.Span), line);
                await terminal.Out.WriteLineAsync(Encoding.UTF8.GetString(line.WrittenSpan));
                if (--limit == 0)
                {
                    return ExitCode.Success;
                }
            }

            progress.Report(i + 1, wanted.Count);
        }

        return ExitCode.Success;
    }

    private static bool Wants(ReadOnlySpan<byte> bytes, List<TopicPattern> patterns, long after)
    {
        var record = new EventRecord(bytes);
        if (record.Offset <= after || (record.Flags & EventFlags.Marker) != 0)
        {
            return false;
        }

        foreach (var pattern in patterns)
        {
            if (pattern.Matches(record))
            {
                return true;
            }
        }

        return patterns.Count == 0;
    }
}
