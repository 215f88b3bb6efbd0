using System.Net;
using System.Text.Json;

namespace Spillway.EndToEnd.Tests.Subscribing;

/// <summary>Where streams begin, and which do not begin at all.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task LastEventId_OfAnEarlierEvent_GetsWhatFollowedAndThenWhatComes()
    {
        await using var server = await HubServer.StartAsync();
        var cursors = new List<string>();
        for (var i = 1; i <= 5; i++)
        {
            cursors.Add((await server.PublishAsync("a", $"{i}")).Cursor);
        }

        using var subscriber = await StreamSubscriber.OpenAsync(server.Client, "/events?topic=a", cursors[1]);
        var open = await subscriber.NextAsync();
        var replayed = await subscriber.NextDataAsync(3);
        await server.PublishAsync("a", "6");
        var live = await subscriber.NextAsync();

        Assert.Equal(("spillway-open", cursors[1]), (open.Type, open.LastEventId));
        Assert.Equal(["3", "4", "5"], replayed);
        Assert.Equal("6", live.Data);
    }

    [Theory]
    [InlineData("&earliest", "1,2,3,4")]
    [InlineData("&last=2", "3,4")]
    [InlineData("&since=1h", "1,2,3,4")]
    [InlineData("&since=2000-01-01T00:00:00Z", "1,2,3,4")]
    [InlineData("&snapshot", "4")]
    [InlineData("", "")]
    public async Task StartingPoint_InTheQuery_IsWhereTheStreamBegins(string parameter, string expected)
    {
        await using var server = await HubServer.StartAsync();
        for (var i = 1; i <= 4; i++)
        {
            await server.PublishAsync("a", $"{i}");
            await server.PublishAsync("b", "for somebody else");
        }

        using var subscriber = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a" + parameter);
        await server.PublishAsync("a", "live");

        string[] data = [.. expected.Split(',', StringSplitOptions.RemoveEmptyEntries), "live"];
        Assert.Equal(data, await subscriber.NextDataAsync(data.Length));
    }

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
    public async Task LastEventId_OfAnotherHistory_IsToldAsLostBeforeTheOldestEvent()
    {
        await using var server = await HubServer.StartAsync();
        await server.PublishAsync("a", "1");

        using var subscriber = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a", "id of another server");
        var gap = await subscriber.NextAsync();
        var first = await subscriber.NextAsync();

        var told = JsonElement.Parse(gap.Data);
        Assert.Equal(("spillway-gap", "lost", "id of another server"), (gap.Type, told.GetProperty("reason").GetString(), told.GetProperty("from").GetString()));
        Assert.Equal("1", first.Data);
    }

    [Fact]
    public async Task EndedTopic_NothingFollowsTheCursor_IsNoContent()
    {
        await using var server = await HubServer.StartAsync();
        var first = await server.PublishAsync("a", "1");
        var second = await server.PublishAsync("a", "2");
        await server.Publisher.EndAsync("a", TestContext.Current.CancellationToken);

        using var rest = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a", first.Cursor);
        var events = new[] { await rest.NextAsync(), await rest.NextAsync() };
        var nothing = await rest.TryNextAsync();
        using var done = await StreamSubscriber.OpenAsync(server.Client, "/events?topic=a", second.Cursor);

        Assert.Equal(["2", "{\"reason\":\"topics-ended\"}"], events.Select(static e => e.Data));
        Assert.Null(nothing);
        Assert.Equal(HttpStatusCode.NoContent, done.Response.StatusCode);
        Assert.Null(await done.TryNextAsync());
        await server.WaitForConnectionsAsync(0);
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

    [Fact]
    public async Task MaxLifetime_Reached_DrainsWithADelayAndEndsProperly()
    {
        await using var server = await HubServer.StartAsync(static options => options.Sse.MaxLifetime = TimeSpan.FromSeconds(1));
        using var subscriber = await StreamSubscriber.OpenedAsync(server.Client, "/events?topic=a");

        var drain = await subscriber.NextAsync();
        var nothing = await subscriber.TryNextAsync();

        var told = JsonElement.Parse(drain.Data);
        Assert.Equal(("spillway-drain", "lifetime", null), (drain.Type, told.GetProperty("reason").GetString(), nothing));
        Assert.Equal(subscriber.Reader.Retry, told.GetProperty("retry").GetInt64());
    }
}
