using Microsoft.Extensions.Hosting;

namespace Spillway.Cli.Serve;

/// <summary>Whoever runs the application tells it to stop. The host's own lifetime would take the process's signals, also in tests.</summary>
internal sealed class CallerLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
