using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Spillway.Access;
using Spillway.Problems;

namespace Spillway.Cli.Serve;

/// <summary>What a measurement asks a hub for, and nobody else: it stops the whole process for a while. Only with <c>--debug-endpoints</c>.</summary>
internal static class DebugEndpoints
{
    private const string CollectPath = "/debug/collect";

    private static readonly SemaphoreSlim One = new(1); // Whoever asks meanwhile waits without a thread.

    public static void Map(IEndpointRouteBuilder endpoints, AccessGate gate) => endpoints.Map(CollectPath, context => gate.ServeAdminAsync(context, CollectAsync));

    /// <summary>Collects all that is garbage, gives what that frees back to the system, and answers with what the process holds then.</summary>
    public static async Task CollectAsync(HttpContext context)
    {
        // Without an address (a Unix socket) nothing says that it is this machine's.
        if (context.Connection.RemoteIpAddress is not { } address || !LoopbackHost.IsLoopback(address))
        {
            await ProblemWriter.WriteAsync(context, Problem.NotFound(context.Request.Path));
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            await ProblemWriter.WriteAsync(context, Problem.MethodNotAllowed(context.Request.Method, context.Request.Path, "POST"));
            return;
        }

        await One.WaitAsync(context.RequestAborted);
        try
        {
            await Task.Run(Collect, context.RequestAborted); // Not on the thread that serves sockets.
        }
        finally
        {
            One.Release();
        }

        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(Measure().ToJsonString(), context.RequestAborted);
    }

    private static void Collect()
    {
        for (var i = 0; i < 2; i++) // What finalizers let go is garbage for the second one.
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
    }

    private static JsonObject Measure() => new()
    {
        ["managedBytes"] = GC.GetTotalMemory(forceFullCollection: false),
        ["committedBytes"] = GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes,
        ["residentBytes"] = Environment.WorkingSet,
    };
}
