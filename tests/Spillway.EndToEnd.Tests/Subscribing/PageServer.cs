using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Serves a page of another origin than any hub's: ports make origins. By its two names it is two origins, of two sites.</summary>
internal sealed class PageServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PageServer(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public Uri OtherSite => new UriBuilder(Address) { Host = "localhost" }.Uri;

    public static async Task<PageServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/", static context =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<!doctype html><title>A page</title><link rel=\"icon\" href=\"data:,\">", context.RequestAborted);
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PageServer(app);
    }

    public static string OriginOf(Uri page) => page.GetLeftPart(UriPartial.Authority);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
