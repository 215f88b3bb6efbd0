using Microsoft.AspNetCore.Http;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>A request as it came, what became of it, and a way to cut it off.</summary>
internal sealed class Arrival(HttpContext context)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // Real time: only a test that fails waits so long.

    private readonly TaskCompletionSource<int> _status = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Path { get; } = context.Request.Path;

    public string LastEventId { get; } = context.Request.Headers["Last-Event-ID"].ToString();

    /// <summary>The response's status, once the request has ended.</summary>
    public Task<int> Status => _status.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>Whether it had been aborted when it ended.</summary>
    public bool WasAborted { get; private set; }

    /// <summary>Ends the connection as a fault of the network would.</summary>
    public void Cut() => context.Abort();

    public async Task RunAsync(RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        finally
        {
            WasAborted = context.RequestAborted.IsCancellationRequested;
            _status.TrySetResult(context.Response.StatusCode);
        }
    }
}
