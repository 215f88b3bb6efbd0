using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spillway.Cli.Arguments;

namespace Spillway.Cli.Admin;

/// <summary><c>spillway topics</c>.</summary>
internal sealed class TopicsCommand
{
    private const int PageSize = 1_000; // The most that a hub gives at once.

    private readonly Terminal _terminal;
    private readonly HubOption _hub;
    private readonly Option<string?> _prefix = Values.Text("--prefix", "TEXT", "Only topics that begin with this text. Default: all.");
    private readonly Option<int?> _limit = Values.Number("--limit", "N", 1, int.MaxValue, "The most topics to print. Default: 1000.");
    private readonly Option<bool> _json = Values.Flag("--json", "Prints each topic as a line of JSON. Default: off.");

    private TopicsCommand(Terminal terminal)
    {
        _terminal = terminal;
        _hub = new HubOption(terminal);
    }

    public static Command Create(Terminal terminal)
    {
        var self = new TopicsCommand(terminal);
        var command = new Command("topics", "Lists the topics in a hub's history: events kept, time of the last one, whether it has ended.")
        {
            self._prefix, self._limit, self._json, self._hub.Option, self._hub.TokenFile,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var admin = new AdminReader(_hub.Connect(result, AdminReader.Patience), _terminal.Command);
        var left = result.GetValue(_limit) ?? PageSize;
        string? after = null;
        do
        {
            var page = await admin.ReadAsync(Path(result.GetValue(_prefix), after, Math.Min(left, PageSize)), cancellationToken);
            foreach (var topic in page.GetProperty("topics").EnumerateArray())
            {
                await _terminal.Out.WriteLineAsync(result.GetValue(_json) ? JsonSerializer.Serialize(topic) : Describe(topic));
                left--;
            }

            after = page.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.String ? next.GetString() : null;
        }
        while (after is not null && left > 0);

        if (after is not null)
        {
            await _terminal.Error.WriteLineAsync("spillway: there are more topics; raise --limit, or narrow with --prefix.");
        }

        return ExitCode.Success;
    }

    private static string Path(string? prefix, string? after, int limit) =>
        string.Create(CultureInfo.InvariantCulture, $"admin/topics?limit={limit}")
        + (prefix is null ? "" : "&prefix=" + Uri.EscapeDataString(prefix))
        + (after is null ? "" : "&after=" + Uri.EscapeDataString(after));

    private static string Describe(JsonElement topic)
    {
        var events = topic.GetProperty("events").GetInt64().ToString("N0", CultureInfo.InvariantCulture);
        var ended = topic.TryGetProperty("ended", out var flag) && flag.ValueKind == JsonValueKind.True ? "ended" : "open";
        return $"{events,12}  {topic.GetProperty("lastTime")}  {ended,-5}  {topic.GetProperty("topic").GetString()}";
    }
}
