using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.Access;

namespace Spillway.EndToEnd.Tests.Operations;

/// <summary>A hub mapped into somebody's application: the guard stands before the hub's endpoints and not before the others.</summary>
public sealed class GuardedGroupTests
{
    [Theory]
    [InlineData("/hub/health/live", HttpStatusCode.Forbidden)]
    [InlineData("/hub/metrics", HttpStatusCode.Forbidden)]
    [InlineData("/hub/inner/events?topic=a&last=1&cursor=x", HttpStatusCode.Forbidden)]
    [InlineData("/hub/handler/1", HttpStatusCode.Forbidden)]
    [InlineData("/own", HttpStatusCode.OK)]
    public async Task Protect_GroupOfEndpoints_RefusesOnlyThere(string path, HttpStatusCode expected)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddSpillway();
        await using var app = builder.Build();
        var group = app.MapGroup("/hub");
        app.Services.GetRequiredService<OpenHubGuard>().Protect(group);
        group.MapSpillwayOperations();
        group.MapSpillway("/inner");
        group.MapGet("/handler/{id:int}", static (int id) => id);
        app.MapGet("/own", static context => context.Response.WriteAsync("own"));
        await app.StartAsync(cancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var foreign = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "example.com" } };
        using var refused = await http.SendAsync(foreign, cancellationToken);
        using var answered = await http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);

        Assert.Equal(expected, refused.StatusCode);
        Assert.NotEqual(HttpStatusCode.Forbidden, answered.StatusCode);
    }
}
