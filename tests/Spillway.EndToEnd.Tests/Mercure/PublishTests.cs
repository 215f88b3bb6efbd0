using System.Net;
using System.Text;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>What a publisher of Mercure may send, and what comes of it: P1 to P9.</summary>
public sealed class PublishTests : IAsyncLifetime
{
    private HubServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync(MercureHub.Configure, sockets: HostSockets.Native);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("data=x", 400, "topic")] // P1
    [InlineData("topic=*&data=x", 400, "topic")] // P2
    [InlineData("topic=a%00b", 400, "topic")]
    [InlineData("topic=a%C2%85b", 400, "topic")]
    [InlineData("topic=a%E2%80%8Bb", 400, "topic")] // Cf
    [InlineData("topic=%FF", 400, "topic")]
    [InlineData("topic=%2F.well-known%2Fmercure", 400, "topic")]
    [InlineData("topic=https%3A%2F%2Fother.example%2F.well-known%2Fmercure%2Fsubscriptions", 400, "topic")]
    [InlineData("topic=%2Fa%2F..%2F.well-known%2Fx%2F..%2Fmercure%2Fy", 400, "topic")]
    [InlineData("topic=%2F.well-known%2Fm%2565rcure%2Fy", 400, "topic")] // An unreserved letter, escaped
    [InlineData("topic=a&id=%23x", 400, "id")]
    [InlineData("topic=a&id=earliest", 400, "id")]
    [InlineData("topic=a&id=x%0Ay", 400, "id")]
    [InlineData("topic=a&type=mercure", 400, "type")]
    [InlineData("topic=a&type=x%0Ay", 400, "type")]
    [InlineData("topic=a&type=x%E2%80%8By", 400, "type")]
    [InlineData("topic=a&retry=-1", 400, "retry")]
    [InlineData("topic=a&retry=1s", 400, "retry")]
    [InlineData("topic=a&retry=", 400, "retry")]
    [InlineData("topic=a&data=1&data=2", 400, "data")]
    [InlineData("topic=a&ttl=x", 400, "ttl")]
    [InlineData("topic=a&priority=x", 400, "priority")]
    public async Task P2_NotGood_IsAProblemThatNamesTheField(string form, int status, string field)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, MercureHub.Path) { Content = new StringContent(form, Encoding.UTF8, "application/x-www-form-urlencoded") };
        request.Headers.Authorization = new("Bearer", MercureHub.Classic(publish: ["*"]));
        using var response = await _server.Client.SendAsync(request, Token);

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal((status, field), ((int)response.StatusCode, problem.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task P7_Good_AnswersTheIdThatSubscribersGet()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"match={topic}");

        using var response = await MercureHub.PostAsync(_server, MercureHub.Draft("publish", ("exact", topic)), ("topic", topic), ("data", "x"), ("unknown", "y")); // P6
        var id = await response.Content.ReadAsStringAsync(Token);
        var received = await subscriber.NextAsync();

        Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8"), (response.StatusCode, response.Content.Headers.ContentType?.ToString()));
        Assert.StartsWith("#", id, StringComparison.Ordinal); // P4
        Assert.Equal((id, "x"), (received.LastEventId, received.Data));
    }

    [Fact]
    public async Task P4_IdOfThePublisher_IsTheEventsId()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"topic={topic}");

        var id = await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "x"), ("id", "urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb"), ("retry", "2500"), ("type", "news"));
        var received = await subscriber.NextAsync();

        Assert.Equal("urn:uuid:5e94c686-2c0b-4f9b-958c-92ccc3bbb4eb", id);
        Assert.Equal((id, "news", "x", 2500L), (received.LastEventId, received.Type, received.Data, subscriber.Reader.Retry));
    }

    /// <summary>Draft 8 lets the hub choose: then none is ever given twice (R3). The publisher's tells a repeat, of its own subject.</summary>
    [Fact]
    public async Task P4_IdOfADraft8Publisher_IsNotTheEventsAndTellsARepeat()
    {
        var (topic, token) = (MercureHub.NewTopic(), MercureHub.Draft("publish", ("exact", "*")));
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"match={topic}");
        var ids = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            using var response = await MercureHub.PostAsync(_server, token, ("topic", topic), ("data", "x"), ("id", "urn:uuid:5a1f2c5e-95c3-4a55-9a4e-2a4e1d1b7c22"));
            ids.Add(await response.Content.ReadAsStringAsync(Token));
        }

        using var changed = await MercureHub.PostAsync(_server, token, ("topic", topic), ("data", "other"), ("id", "urn:uuid:5a1f2c5e-95c3-4a55-9a4e-2a4e1d1b7c22"));
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "y"));

        using var another = await MercureHub.PostAsync(_server, MercureHub.Draft("publish", "another", ("exact", "*")), ("topic", topic), ("data", "z"), ("id", "urn:uuid:5a1f2c5e-95c3-4a55-9a4e-2a4e1d1b7c22"));

        Assert.Equal((HttpStatusCode.UnprocessableEntity, HttpStatusCode.OK), (changed.StatusCode, another.StatusCode));
        Assert.StartsWith("#", ids[0], StringComparison.Ordinal);
        Assert.Equal(ids[0], ids[1]);
        Assert.Equal((ids[0], "x"), (await subscriber.NextAsync()) is var first ? (first.LastEventId, first.Data) : default);
        Assert.Equal(["y", "z"], await subscriber.NextDataAsync(2));
    }

    [Fact]
    public async Task P1_MoreTopicsThanAnEventMayHave_Is400BeforeTheyAreLookedAt()
    {
        (string, string)[] fields = [.. Enumerable.Range(0, 17).Select(static i => ("topic", $"https://example.com/{i}")), ("data", "x")];

        using var all = await MercureHub.PostAsync(_server, MercureHub.Classic(publish: ["*"]), fields[1..]);
        using var more = await MercureHub.PostAsync(_server, MercureHub.Classic(publish: ["*"]), fields);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.BadRequest), (all.StatusCode, more.StatusCode));
        Assert.Contains("more than 16 topics", await more.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(1, _server.Metrics.Sum("spillway.ingress.refused_events", "invalid-event"));
    }

    [Theory]
    [InlineData("a\nb\rc\r\nd", "a\nb\nc\nd")]
    [InlineData("x\rid: forged\r\revent: forged", "x\nid: forged\n\nevent: forged")]
    [InlineData("\u2028\u0085", "\u2028\u0085")]
    [InlineData("", "")]
    public async Task P5_LinesInData_AreLinesOfData(string data, string expected)
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"match={topic}");

        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", data));

        Assert.Equal(expected, (await subscriber.NextAsync()).Data);
    }

    [Fact]
    public async Task P8_TooLarge_Is413()
    {
        using var response = await MercureHub.PostAsync(_server, MercureHub.Classic(publish: ["*"]), ("topic", "a"), ("data", new string('x', 1024 * 1024)));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task P9_OneTopicNotGranted_PublishesNothing()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"match={topic}");

        using var refused = await MercureHub.PostAsync(_server, MercureHub.Classic(publish: [topic]), ("topic", topic), ("topic", topic + "/other"), ("data", "1"));
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "2"));

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("insufficient_scope", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        Assert.Equal("2", (await subscriber.NextAsync()).Data);
    }

    [Theory]
    [InlineData("application/json", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    [InlineData("application/x-www-form-urlencoded; charset=ISO-8859-1", 415)]
    [InlineData("application/x-www-form-urlencoded; charset=\"UTF-8\"", 400)] // Read, and without a topic.
    public async Task P1_OtherBody_IsRefused(string type, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, MercureHub.Path) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        request.Headers.Authorization = new("Bearer", MercureHub.Classic(publish: ["*"]));
        using var response = await _server.Client.SendAsync(request, Token);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task Publish_HubsOwnFields_AreOfTheEvent()
    {
        var topic = MercureHub.NewTopic();
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "old"), ("key", "k"), ("priority", "critical"), ("ttl", "1h"));
        await MercureHub.PublishAsync(_server, ("topic", topic), ("data", "new"), ("key", "k"));

        using var subscriber = await StreamSubscriber.OpenedAsync(_server.Client, $"/events?topic={Uri.EscapeDataString(topic)}&snapshot");

        Assert.Equal("new", (await subscriber.NextAsync()).Data); // Of one key the newest.
    }
}
