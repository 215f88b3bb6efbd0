using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.Access;
using Spillway.Operations;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>A hub with the endpoints of operations, behind the guard of an open hub.</summary>
internal sealed class OperationsHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OperationsHost(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public Readiness Readiness => _app.Services.GetRequiredService<Readiness>();

    public Meter Meter => _app.Services.GetRequiredService<IMeterFactory>().Create("Spillway.Test");

    public static async Task<OperationsHost> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSpillway();
        var app = builder.Build();
        app.Use(app.Services.GetRequiredService<OpenHubGuard>().InvokeAsync);
        app.MapSpillway();
        app.MapSpillwayOperations();
        app.MapGet("/page", static context => context.Response.WriteAsync("page"));
        await app.StartAsync(cancellationToken);
        return new OperationsHost(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
