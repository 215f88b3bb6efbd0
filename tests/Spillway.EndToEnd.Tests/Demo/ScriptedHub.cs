using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Spillway.Cli.Demo;

namespace Spillway.EndToEnd.Tests.Demo;

/// <summary>Serves the demo's page, and streams in which a test decides every byte: what a real hub does rarely, it does on demand.</summary>
internal sealed class ScriptedHub : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;
    private readonly Channel<ScriptedStream> _streams = Channel.CreateBounded<ScriptedStream>(16);

    private ScriptedHub(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    /// <summary>When set, a subscriber gets this status and no stream.</summary>
    public int? Refusal { get; set; }

    public static async Task<ScriptedHub> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hub = new ScriptedHub(builder.Build());
        DemoPage.Map(hub._app);
        hub._app.MapGet("/events", hub.ServeAsync);
        await hub._app.StartAsync(TestContext.Current.CancellationToken);
        return hub;
    }

    /// <summary>The next stream that the page opens.</summary>
    public async Task<ScriptedStream> AcceptAsync()
        => await _streams.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        _streams.Writer.Complete();
        using var now = new CancellationTokenSource(TimeSpan.Zero); // A page may still hold a stream.
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (Refusal is { } status)
        {
            context.Response.StatusCode = status;
            return;
        }

        context.Response.ContentType = "text/event-stream";
        var stream = new ScriptedStream(context.Request.Headers["Last-Event-ID"].ToString(), context.Request.QueryString.Value ?? "");
        await _streams.Writer.WriteAsync(stream, context.RequestAborted);
        await foreach (var block in stream.Blocks.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(block, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
