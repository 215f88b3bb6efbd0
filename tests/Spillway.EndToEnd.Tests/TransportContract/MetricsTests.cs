using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.TransportContract;

/// <summary>What an operator sees of streams.</summary>
public sealed class MetricsTests
{
    [Theory]
    [TransportCases]
    public async Task Connections_FromOpeningToEnd_AreCountedWithEventsAndReasons(TransportCase @case)
    {
        using var metrics = new MetricCollector();
        await using var server = await ContractHub.StartAsync(@case, configureHost: builder => builder.Services.AddSingleton<IMeterFactory>(metrics));
        await using (var leaving = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a"))
        {
            await leaving.HearAsync(server, async () =>
            {
                Assert.Equal(1, metrics.Sum("spillway.delivery.connections"));
                await server.PublishAsync("a", "1");
            });
            await server.PublishAsync("a", "2");
            await leaving.NextEventAsync();
        }

        var (left, times) = @case.IsStream ? ("client-closed", 1) : ("answered", 2); // Each poll is a connection; one that asks for its position alone is none.
        await HubServer.WaitAsync(() => metrics.Sum("spillway.delivery.closed_connections", left) == times);
        await using var staying = await TransportSubscriber.OpenAsync(server.Endpoint, @case, "topic=a&last=1");
        await server.WaitForConnectionsAsync(@case.IsStream ? 1 : 0); // A poll before may still be counted.
        var reading = staying.ReadToEndAsync();
        await server.WaitForConnectionsAsync(1);
        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);
        await reading;
        await HubServer.WaitAsync(() => metrics.Sum("spillway.delivery.closed_connections", "topics-ended") == 1);
        using var client = new HttpMessageInvoker(server.Endpoint.CreateHandler());
        using var request = ContractRequest.Create(server.Endpoint.For(@case), @case, "/events?topic=a&last=0" + @case.Parameters);
        using var refused = await client.SendAsync(request, TestContext.Current.CancellationToken);

        await HubServer.WaitAsync(() => metrics.Sum("spillway.delivery.connections") == 0);
        Assert.Equal(3, metrics.Sum("spillway.delivery.delivered_events"));
        Assert.Equal(@case.IsStream ? 2 : 4, metrics.Sum("spillway.delivery.closed_connections"));
        Assert.Equal(1, metrics.Sum("spillway.transports.refused_subscriptions", "invalid-parameter"));
    }
}
