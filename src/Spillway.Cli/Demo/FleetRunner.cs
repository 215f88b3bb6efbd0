using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Spillway.Client;

namespace Spillway.Cli.Demo;

/// <summary>The fleet's life beside the hub: waits for it, goes on where an earlier fleet stopped, publishes, and tells the visitor what to try.</summary>
internal sealed class FleetRunner(Fleet fleet, Terminal terminal, TimeProvider timeProvider)
{
    /// <summary>Runs until <paramref name="stop"/>, which it cancels when it ends. Returns whether all went well.</summary>
    public async Task<bool> RunAsync(WebApplication app, CancellationTokenSource stop)
    {
        try
        {
            await RunAsync(await StartedAsync(app, stop.Token), stop.Token);
            return true;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception e) when (e is SpillwayException or TimeoutException or InvalidOperationException)
        {
            await terminal.Error.WriteLineAsync($"spillway: {e.Message}");
            return false;
        }
        finally
        {
            await stop.CancelAsync(); // A hub without its fleet would show a page that stands still.
        }
    }

    /// <summary>The hub's address, once it listens.</summary>
    private static async Task<Uri> StartedAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (app.Lifetime.ApplicationStarted.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), started))
        {
            await started.Task.WaitAsync(cancellationToken);
        }

        return new Uri(app.Urls.First());
    }

    private async Task RunAsync(Uri hub, CancellationToken cancellationToken)
    {
        // No proxy: one in the environment need not know that the hub is on this machine.
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        using var client = new SpillwayClient(http, new SpillwayClientOptions { BaseAddress = hub, TimeProvider = timeProvider });
        var continued = await FleetMemory.RecallAsync(fleet, client, timeProvider, cancellationToken);
        var publisher = new FleetPublisher(fleet, client, terminal.Error, timeProvider);
        var publishing = publisher.RunAsync(cancellationToken);
        if (await Task.WhenAny(publishing, publisher.FirstCursor) == publisher.FirstCursor)
        {
            await TellAsync(hub, await publisher.FirstCursor, continued);
        }

        await publishing;
    }

    private async Task TellAsync(Uri hub, string cursor, int continued)
    {
        var before = continued == 0 ? "a new history" : string.Create(CultureInfo.InvariantCulture, $"{continued} of them go on where they stopped");
        await terminal.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{fleet.Sensors.Count} sensors publish; {before}."));
        foreach (var line in DemoGuide.Write(terminal.Command, hub, cursor))
        {
            await terminal.Out.WriteLineAsync(line);
        }
    }
}
