using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Operations;

public sealed class UptimeTests
{
    [Fact]
    public async Task GetStatus_AskedForTheFirstTime_CountsFromTheStart()
    {
        var aborted = TestContext.Current.CancellationToken;
        var clock = new ManualTimeProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestedTransport();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSpillway(static options =>
        {
            options.Delivery.Loops = 1;
            options.GracePeriod = TimeSpan.Zero;
        });
        await using var app = builder.Build();
        app.MapSpillwayOperations();
        await app.StartAsync(aborted);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        clock.Advance(TimeSpan.FromSeconds(90));

        var status = await client.GetFromJsonAsync<JsonElement>(new Uri("/admin/status", UriKind.Relative), aborted);

        Assert.Equal(90, status.GetProperty("uptimeSeconds").GetInt32());
    }
}
