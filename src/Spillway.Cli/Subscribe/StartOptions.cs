using System.CommandLine;
using System.Globalization;
using Spillway.Cli.Arguments;
using Spillway.Client;

namespace Spillway.Cli.Subscribe;

/// <summary>The options that say where a subscription begins; at most one of them.</summary>
internal sealed class StartOptions
{
    private readonly Option<string?> _cursor = Values.Text("--cursor", "CURSOR", "Begins behind a cursor of an earlier event. Default: none.");
    private readonly Option<bool> _earliest = Values.Flag("--earliest", "Begins with the oldest event that the hub keeps. Default: off.");
    private readonly Option<int?> _last = Values.Number("--last", "N", 1, 1_000_000, "Begins with the newest N events. Default: none.");
    private readonly Option<bool> _snapshot = Values.Flag("--snapshot", "Begins with the newest event of every topic and key. Default: off.");

    private readonly Option<StartingPoint?> _since = new("--since")
    {
        Description = "Begins with the first event at or after a time (2026-01-31T08:00:00Z), or not older than a duration (500ms, 10m, 1.5h; without a unit, seconds). Default: none.",
        HelpName = "TIME|DURATION",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (Events.Duration.TryParse(text, out var age))
            {
                return StartingPoint.Since(age);
            }

            // A zone is required: a time without one means something else on every machine.
            var zoned = text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
            if (zoned && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
            {
                return StartingPoint.Since(time);
            }

            result.AddError($"--since is \"{text}\"; give it a time with a zone like 2026-01-31T08:00:00Z, or a duration like 10m.");
            return null;
        },
    };

    private Option[] All => [_cursor, _earliest, _since, _last, _snapshot];

    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Add(option);
        }
    }

    /// <exception cref="UsageException">There is more than one.</exception>
    public StartingPoint Read(ParseResult result)
    {
        var given = All.Where(option => result.GetResult(option) is { Implicit: false }).Select(static option => option.Name).ToArray();
        if (given.Length > 1)
        {
            throw new UsageException($"{string.Join(" and ", given)} are {given.Length} starting points; give one.");
        }

        return result.GetValue(_cursor) is { } cursor ? After(cursor)
            : result.GetValue(_last) is { } last ? StartingPoint.Last(last)
            : result.GetValue(_since) is { } since ? since
            : result.GetValue(_earliest) ? StartingPoint.Earliest
            : result.GetValue(_snapshot) ? StartingPoint.Snapshot
            : StartingPoint.Now;
    }

    private static StartingPoint After(string cursor) => string.IsNullOrWhiteSpace(cursor)
        ? throw new UsageException($"--cursor is \"{cursor}\"; give it the cursor of an earlier event, or leave it out to begin now.")
        : StartingPoint.After(cursor);
}
