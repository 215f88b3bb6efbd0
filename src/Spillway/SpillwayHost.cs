using Microsoft.Extensions.Hosting;
using Spillway.Access;
using Spillway.Backplane;
using Spillway.Hub;
using Spillway.Mercure;
using Spillway.Operations;
using Spillway.Transports.Hosted;

namespace Spillway;

/// <summary>Starts the hub with its host and stops it first: the web server waits for responses that only the hub can end, and publishers are served until all subscribers have left.</summary>
internal sealed class SpillwayHost(
    AccessGate gate, MercureGate mercure, PushHub hub, IBackplane backplane, Readiness readiness, HubMetrics metrics, ResponseRateWarning rateWarning, IHostApplicationLifetime lifetime, TimeProvider clock) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(5); // Of a retention of a second at least, and 24 h by default.

    // The hub is made before the backplane and so disposed after it: the backplane's thread hands events to it until it has stopped.
    private readonly CancellationTokenSource _stopNow = new();
    private CancellationTokenRegistration _started;
    private CancellationTokenRegistration _stopping;
    private ITimer? _trim;
    private Task _hubStopped = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        gate.TellStart(); // Made with the host: what is wrong with keys keeps it from starting.
        mercure.TellStart();
        metrics.Observe(hub);
        hub.Start();
        gate.Changed += hub.ReviewLeases; // Streams end whose API key is gone, say.
        mercure.Changed += hub.ReviewLeases;
        backplane.Start(hub);
        _started = lifetime.ApplicationStarted.Register(rateWarning.AtStart);
        _stopping = lifetime.ApplicationStopping.Register(BeginStop);
        _trim = clock.CreateTimer(_ => backplane.History.Trim(clock.GetUtcNow().ToUnixTimeMilliseconds()), null, TrimEvery, TrimEvery); // A quiet hub forgets too.
        readiness.Set(HubState.Ready);
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before anybody else stops.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => StopHubAsync(cancellationToken);

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await StopHubAsync(cancellationToken); // A host that knows no stage before this one.
        if (_trim is not null)
        {
            await _trim.DisposeAsync(); // Before the history is: a call under way is waited for.
        }

        await backplane.StopAsync(cancellationToken);
    }

    public void Dispose()
    {
        _started.Dispose();
        _stopping.Dispose();
        _trim?.Dispose();
        _stopNow.Dispose();
    }

    private async Task StopHubAsync(CancellationToken cancellationToken)
    {
        BeginStop();
        await using (cancellationToken.Register(_stopNow.Cancel))
        {
            await _hubStopped;
        }
    }

    private void BeginStop()
    {
        readiness.Set(HubState.Stopping);
        if (_hubStopped.IsCompleted)
        {
            _hubStopped = hub.StopAsync(_stopNow.Token);
        }
    }
}
