using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Backplane;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.TransportContract;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>Where a subscriber of Mercure goes on, and what it is told of that: R.</summary>
public sealed class ResumeTests(MercureHub hub) : IClassFixture<MercureHub>
{
    private HubServer Server => hub.For(new TransportCase(Transport.SseRaw, 1, HostSockets.Native));

    /// <summary>The header, then the query, then the body.</summary>
    [Theory]
    [InlineData(true, true, "3")]
    [InlineData(false, true, "2")]
    [InlineData(false, false, "1")]
    public async Task S1_IdInSeveralPlaces_OneCounts(bool inHeader, bool inQuery, string expected)
    {
        var topic = MercureHub.NewTopic();
        var ids = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await MercureHub.PublishAsync(Server, ("topic", topic), ("data", $"{i}")));
        }

        var query = inQuery ? $"?last_event_id={Uri.EscapeDataString(ids[1])}" : "";
        using var request = new HttpRequestMessage(new HttpMethod("QUERY"), MercureHub.Path + query)
        {
            Content = new FormUrlEncodedContent([KeyValuePair.Create("match", topic), KeyValuePair.Create("last_event_id", ids[0])]),
        };
        if (inHeader)
        {
            request.Headers.Add("Last-Event-ID", ids[2]);
        }

        using var response = await Server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        Assert.Equal([ids[int.Parse(expected, CultureInfo.InvariantCulture) - 1]], response.Headers.GetValues("Mercure-Last-Event-ID"));
        Assert.Equal($"data: {expected}", await MercureHub.NextDataLineAsync(reader));
    }

    [Theory]
    [InlineData("last_event_id", "match", "own")]
    [InlineData("lastEventID", "topic", "own")]
    [InlineData("Last-Event-ID", "topic", "urn:uuid:0b4ff8b1-7a71-4b2c-9d3d-6a7c5a8c3c8a")]
    public async Task R2_IdInTheQuery_ContinuesBehindIt(string parameter, string match, string id)
    {
        var topic = MercureHub.NewTopic();
        var asked = await MercureHub.PublishAsync(Server, id == "own" ? [("topic", topic), ("data", "1")] : [("topic", topic), ("data", "1"), ("id", id + topic[^1])]);
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "2"));

        using var subscriber = await MercureHub.SubscribeAsync(Server, $"{match}={topic}&{parameter}={Uri.EscapeDataString(asked)}");

        Assert.Equal(["2"], await subscriber.NextDataAsync(1));
        Assert.Equal([asked], subscriber.Response.Headers.GetValues("Mercure-Last-Event-ID")); // R4
        Assert.Equal([asked], subscriber.Response.Headers.GetValues("Last-Event-ID"));
    }

    /// <summary>Ids of 0.x are names that anybody may think of: neither who asks for one nor who gives it hears of what they must not see.</summary>
    [Fact]
    public async Task R2_IdOfWhatIsNotGranted_IsUnknownAndMayBeGivenAgain()
    {
        var (mine, theirs, id) = (MercureHub.NewTopic(), MercureHub.NewTopic(), $"urn:tenants:{Guid.NewGuid()}");
        await PublishPrivatelyAsync(theirs, "theirs", id);
        await MercureHub.PublishAsync(Server, ("topic", mine), ("data", "1"));
        using var unknown = await ResumeAsync(subscribe: [mine]);
        Assert.Equal(["1"], await unknown.NextDataAsync(1));

        await PublishPrivatelyAsync(mine, "mine", id);
        await MercureHub.PublishAsync(Server, ("topic", mine), ("data", "2"));
        using var tenant = await ResumeAsync(subscribe: [mine]);
        using var other = await ResumeAsync(subscribe: [theirs]);
        using var both = await ResumeAsync(subscribe: [mine, theirs]);

        Assert.Equal(["mine", "2"], await unknown.NextDataAsync(2));
        Assert.Equal(["2"], await tenant.NextDataAsync(1));
        Assert.Equal(["1", "2"], await other.NextDataAsync(2));
        Assert.Equal(["1", "mine", "2"], await both.NextDataAsync(3)); // R3
        Assert.Equal(["earliest", id, id, id], new[] { unknown, tenant, other, both }.Select(static subscriber => subscriber.Response.Headers.GetValues("Mercure-Last-Event-ID").Single()));

        Task<StreamSubscriber> ResumeAsync(string[] subscribe) =>
            MercureHub.SubscribeAsync(Server, $"topic={mine}&topic={theirs}", MercureHub.Classic(subscribe: subscribe), lastEventId: id);
    }

    /// <summary>A hub that is still reading the ids of before its start holds nobody, and calls nothing unknown that it will know.</summary>
    [Fact]
    public async Task R2_HubHasJustStarted_WhoNamesAPublishersIdComesBack()
    {
        StartingBackplane? backplane = null;
        await using var server = await HubServer.StartAsync(MercureHub.Configure, configureHost: builder => builder.Services
            .AddSingleton<InProcessBackplane>()
            .AddSingleton<IBackplane>(provider => backplane = new StartingBackplane(provider.GetRequiredService<InProcessBackplane>())));
        var (topic, id) = (MercureHub.NewTopic(), $"urn:early:{Guid.NewGuid()}");
        var first = await MercureHub.PublishAsync(server, ("topic", topic), ("data", "1"));
        await MercureHub.PublishAsync(server, ("topic", topic), ("data", "2"), ("id", id));
        await MercureHub.PublishAsync(server, ("topic", topic), ("data", "3"));

        var early = await server.Client.GetStringAsync(new Uri($"{MercureHub.Path}?topic={topic}&lastEventID={id}", UriKind.Relative), TestContext.Current.CancellationToken);
        using var own = await MercureHub.SubscribeAsync(server, $"topic={topic}", lastEventId: first);
        backplane!.Restore();
        using var back = await MercureHub.SubscribeAsync(server, $"topic={topic}", lastEventId: id);

        Assert.Matches("^retry: [0-9]+\n\n$", early);
        Assert.Equal(1, server.Metrics.Sum("spillway.transports.refused_subscriptions", "starting"));
        Assert.Equal(["2", "3"], await own.NextDataAsync(2));
        Assert.Equal(["3"], await back.NextDataAsync(1));
    }

    private async Task PublishPrivatelyAsync(string topic, string data, string id)
    {
        using var response = await MercureHub.PostAsync(Server, MercureHub.Classic(publish: [topic]), ("topic", topic), ("data", data), ("private", "on"), ("id", id));
        Assert.Equal((HttpStatusCode.OK, id), (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData("earliest")]
    [InlineData("#nobody-knows-it")]
    [InlineData("urn:uuid:unknown")]
    public async Task R4_UnknownId_IsToldAndAllOfHistoryComes(string id)
    {
        var topic = MercureHub.NewTopic();
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "1"));

        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match={topic}", lastEventId: id);

        Assert.Equal(["1"], await subscriber.NextDataAsync(1));
        Assert.Equal(["earliest"], subscriber.Response.Headers.GetValues("Mercure-Last-Event-ID"));
    }
}
