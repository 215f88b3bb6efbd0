using System.Globalization;
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
