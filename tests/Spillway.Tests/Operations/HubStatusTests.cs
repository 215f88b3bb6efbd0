using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spillway.Operations;
using Spillway.TestKit;

namespace Spillway.Tests.Operations;

public sealed class HubStatusTests
{
    [Fact]
    public async Task StartedAt_AskedForLate_IsWhenTheHubBegan()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var clock = new ManualTimeProvider();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSpillway(static options => options.Delivery.WindowEvents = 16);
        using var host = builder.Build();
        var began = clock.GetUtcNow();
        await host.StartAsync(cancellationToken);

        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(began, host.Services.GetRequiredService<IHubStatus>().StartedAt);
        Assert.Equal(HubState.Ready, host.Services.GetRequiredService<Readiness>().State);
        await host.StopAsync(cancellationToken);
        Assert.Equal(HubState.Stopping, host.Services.GetRequiredService<Readiness>().State);
    }
}
