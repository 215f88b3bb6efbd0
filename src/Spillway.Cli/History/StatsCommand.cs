using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spillway.Cli.Arguments;
using Spillway.Events;
using Spillway.History.Storage;

namespace Spillway.Cli.History;

/// <summary><c>spillway history stats</c>.</summary>
internal sealed class StatsCommand(Terminal terminal)
{
    private readonly Argument<string> _directory = HistoryCommand.Directory();
    private readonly Option<bool> _json = Values.Flag("--json", "Prints each segment, and the sum, as a line of JSON. Default: off.");

    public static Command Create(Terminal terminal)
    {
        var self = new StatsCommand(terminal);
        var command = new Command("stats", "Shows what is kept, by segment and in all: records, topics, bytes, times.") { self._directory, self._json };
        command.SetAction((result, cancellationToken) => HistoryCommand.RunAsync(
            terminal, result.GetValue(self._directory)!, files => self.ShowAsync(files, result.GetValue(self._json), cancellationToken)));
        return command;
    }

    private async Task<int> ShowAsync(HistoryFiles files, bool json, CancellationToken cancellationToken)
    {
        var topics = new HashSet<string>(StringComparer.Ordinal);
        var all = new SegmentStats("all", 0, 0, 0, null, null);
        var segments = files.Segments.Where(static one => one.Header is not null).ToList();
        var progress = new Progress(terminal, "read");
        for (var i = 0; i < segments.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var stats = Read(files, segments[i], topics);
            all = new SegmentStats("all", all.Records + stats.Records, 0, all.Bytes + stats.Bytes, all.First ?? stats.First, stats.Last ?? all.Last);
            await PrintAsync(stats, json);
            progress.Report(i + 1, segments.Count);
        }

        await PrintAsync(all with { Topics = topics.Count }, json);
        return ExitCode.Success;
    }

    private static SegmentStats Read(HistoryFiles files, FoundSegment segment, HashSet<string> allTopics)
    {
        var (_, records) = files.Read(segment);
        var topics = new HashSet<string>(StringComparer.Ordinal);
        var (count, first, last) = (0L, (long?)null, (long?)null);
        foreach (var bytes in Records.Split(records))
        {
            var record = new EventRecord(bytes.Span);
            topics.Add(System.Text.Encoding.UTF8.GetString(record.Topic));
            (count, first, last) = (count + 1, first ?? record.Time, record.Time);
        }

        allTopics.UnionWith(topics);
        return new SegmentStats(segment.Name, count, topics.Count, records.Length, first, last);
    }

    private Task PrintAsync(SegmentStats stats, bool json)
    {
        var (first, last) = (TimeOf(stats.First), TimeOf(stats.Last));
        return terminal.Out.WriteLineAsync(json
            ? JsonSerializer.Serialize(new { segment = stats.Name, records = stats.Records, topics = stats.Topics, bytes = stats.Bytes, first, last })
            : string.Create(CultureInfo.InvariantCulture, $"{stats.Records,14:N0} records {stats.Topics,10:N0} topics {stats.Bytes,16:N0} bytes  {first ?? "-",-24} {last ?? "-",-24} {stats.Name}"));
    }

    private static string? TimeOf(long? milliseconds) => milliseconds is { } time
        ? DateTimeOffset.FromUnixTimeMilliseconds(time).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : null;
}
