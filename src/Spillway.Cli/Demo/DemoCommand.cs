using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Spillway.Cli.Arguments;
using Spillway.Cli.Serve;

namespace Spillway.Cli.Demo;

/// <summary><c>spillway demo</c>: a hub, a fleet of sensors that publishes to it over HTTP, and a page that shows both.</summary>
internal sealed class DemoCommand
{
    private const int DefaultSensors = 24;
    private const int DefaultRate = 48;
    private const int MaxRate = 10_000;

    private readonly Terminal _terminal;

    private readonly Option<string?> _urls = Values.Text(
        "--urls", "URL", $"Where to listen; port 0 lets the system choose. Default: {ServeSettings.DefaultUrl}.");

    private readonly Option<int?> _sensors = Values.Number("--sensors", "N", 1, Plant.MaxSensors, $"How many sensors the plant has. Default: {DefaultSensors}.");
    private readonly Option<int?> _rate = Values.Number("--rate", "N", 1, MaxRate, $"Readings a second, of all sensors together. Default: {DefaultRate}.");
    private readonly Option<int?> _seed = Values.Number("--seed", "N", 0, int.MaxValue, "The same seed gives the same curves. Default: 1.");
    private readonly Option<bool> _fresh = Values.Flag("--fresh", $"Empties {DemoDirectory.Name} first. Default: the demo goes on where it stopped.");

    private DemoCommand(Terminal terminal) => _terminal = terminal with { Out = TextWriter.Synchronized(terminal.Out), Error = TextWriter.Synchronized(terminal.Error) };

    public static Command Create(Terminal terminal)
    {
        var self = new DemoCommand(terminal);
        var command = new Command(
            "demo", $"Runs a hub with a simulated plant and a page that shows it, until SIGINT or SIGTERM. Keeps its history in {DemoDirectory.Name} under the current directory.")
        {
            self._urls, self._sensors, self._rate, self._seed, self._fresh,
        };
        command.SetAction(self.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var url = result.GetValue(_urls) ?? ServeSettings.DefaultUrl;
        if (!url.StartsWith("http://", StringComparison.Ordinal) || url.Contains(';', StringComparison.Ordinal))
        {
            throw new UsageException($"--urls is \"{url}\"; give the demo one http URL, for example {ServeSettings.DefaultUrl}.");
        }

        var settings = SettingsReader.Read(_terminal.Environment, file: null, new Dictionary<string, string?>
        {
            [SettingsReader.UrlsKey] = url,
            [SettingsReader.AccessKey] = "open",
            [SettingsReader.DataKey] = DemoDirectory.Name,
            [SettingsReader.LogFormatKey] = "text",
            [SettingsReader.LogLevelKey] = "warning", // The terminal is for what a visitor can try.
        });
        var fleet = new Fleet(Plant.Place(result.GetValue(_sensors) ?? DefaultSensors), result.GetValue(_rate) ?? DefaultRate, result.GetValue(_seed) ?? 1, RunName.Create());
        return await RunAsync(settings, result.GetValue(_fresh), new FleetRunner(fleet, _terminal, TimeProvider.System), cancellationToken);
    }

    /// <summary>Runs hub and fleet; neither outlives the other.</summary>
    private async Task<int> RunAsync(ServeSettings settings, bool fresh, FleetRunner runner, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var fleet = Task.FromResult(true);
        try
        {
            var exitCode = await ServeApp.RunAsync(Build, _terminal, stop.Token);
            await stop.CancelAsync();
            return await fleet ? exitCode : ExitCode.Failure;
        }
        finally
        {
            await stop.CancelAsync(); // Also when the hub could not start.
            await fleet;
        }

        WebApplication Build()
        {
            if (fresh)
            {
                DemoDirectory.Empty(DemoDirectory.Name);
            }

            var app = ServeApp.Build(settings);
            DemoPage.Map(app);
            fleet = runner.RunAsync(app, stop);
            return app;
        }
    }
}
