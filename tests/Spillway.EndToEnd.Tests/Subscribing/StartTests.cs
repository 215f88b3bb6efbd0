using System.Net;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Where streams begin, and which do not begin at all.</summary>
public sealed class StartTests
{
    [Theory]
    [InlineData("QUERY", "/events")]
    [InlineData("POST", "/subscribe")]
    public async Task Body_WithTopicsPatternsAndStart_IsTaken(string method, string path)
    {
        await using var server = await HubServer.StartAsync();
        await server.PublishAsync("a", "1");
        await server.PublishAsync("b/c", "2");
        await server.PublishAsync("d", "3");

        using var subscriber = await StreamSubscriber.OpenedAsync(
            server.Client, path, method: method, body: """{"topics":["a"],"patterns":["b/*"],"earliest":true,"format":"json"}""");
        var events = await subscriber.NextDataAsync(2);

        Assert.Equal(["a 1", "b/c 2"], events.Select(static data => JsonElement.Parse(data)).Select(static data => $"{data.GetProperty("topic")} {data.GetProperty("payload")}"));
    }

    [Fact]
    public async Task FullHub_AskedByTwoKindsOfClients_AnswersEachItsWay()
    {
        await using var server = await HubServer.StartAsync(static options => options.Limits.Connections = 1);
        using var first = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a");

        using var turnedAway = await StreamSubscriber.OpenAsync(server.Client, "/events?topic=a");
        var nothing = await turnedAway.TryNextAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events?topic=a");
        request.Headers.Add("Spillway-Client", "test/1");
        using var refused = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.OK, null), (turnedAway.Response.StatusCode, nothing));
        Assert.InRange(turnedAway.Reader.Retry ?? 0, 1_000, 5_000);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 5);
    }
}
