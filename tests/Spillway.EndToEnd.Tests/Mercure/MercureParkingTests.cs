using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Streams of Mercure leave the web server, as the hub's own do.</summary>
public sealed class MercureParkingTests
{
    [Theory]
    [OwnSockets(false)]
    [OwnSockets(true)]
    public async Task Subscribe_OfEitherDialect_IsParkedAndNotHosted(HostSockets sockets, bool subscriptions)
    {
        await using var server = await HubServer.StartAsync(
            options =>
            {
                MercureHub.Configure(options);
                options.Mercure.Subscriptions = subscriptions;
            },
            sockets: sockets);
        var topic = MercureHub.NewTopic();
        using var draft = await MercureHub.SubscribeAsync(server, $"match={topic}", MercureHub.Draft("subscribe", ("exact", topic)));
        using var classic = await MercureHub.SubscribeAsync(server, $"topic={topic}&lastEventID=earliest", MercureHub.Classic(subscribe: ["*"]));
        using var anonymous = await MercureHub.SubscribeAsync(server, $"match_urlpattern={topic}*&signals=1");

        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.parked_connections") == 3);
        await HubServer.WaitAsync(() => server.Metrics.Sum("spillway.transports.served_sockets") == 0); // The web server has forgotten them.
        Assert.Equal(0, server.Metrics.Sum("spillway.transports.hosted_streams"));
        await MercureHub.PublishAsync(server, ("topic", topic), ("data", "there"));

        Assert.Equal(("there", "there"), ((await draft.NextAsync()).Data, (await classic.NextAsync()).Data));
        Assert.Equal("spillway-open", (await anonymous.NextAsync()).Type);
        Assert.Equal("there", (await anonymous.NextAsync()).Data);
    }
}
