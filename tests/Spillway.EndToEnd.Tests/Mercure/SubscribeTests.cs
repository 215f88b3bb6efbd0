using System.Net;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.TransportContract;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>What a subscriber of Mercure may ask for, and what it gets: S, M and V, over hosted and parked connections.</summary>
public sealed class SubscribeTests(MercureHub hub) : IClassFixture<MercureHub>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "match")]
    [InlineData("unknown=x", "match")]
    [InlineData("match=", "match")]
    [InlineData("match=%00", "match")] // S4
    [InlineData("match=%FF", "match")]
    [InlineData("match=%E2%80%8B", "match")]
    [InlineData("Match=x", "Match")] // S3
    [InlineData("matchExact=x", "matchExact")]
    [InlineData("match_URLPattern=x", "match_URLPattern")]
    [InlineData("matches=x", "matches")]
    [InlineData("match_urlpattern=%28", "match_urlpattern")]
    [InlineData("match=a&topic=b", "topic")]
    [InlineData("topic=a&last_event_id=x", "last_event_id")]
    [InlineData("match=a&lastEventID=x", "lastEventID")]
    [InlineData("match=a&signals=x", "signals")]
    public async Task S3_NotGood_Is400ThatNamesTheParameter(string query, string field)
    {
        using var response = await Server.Client.GetAsync(new Uri($"{MercureHub.Path}?{query}", UriKind.Relative), Token);

        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal((HttpStatusCode.BadRequest, field), (response.StatusCode, problem.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task S5_TooManyOrTooLong_Is400()
    {
        var many = string.Join('&', Enumerable.Range(0, 101).Select(static i => $"match=m{i}"));

        foreach (var query in new[] { many, "match=" + new string('x', 513), "match_urlpattern=" + new string('x', 513) })
        {
            using var response = await Server.Client.GetAsync(new Uri($"{MercureHub.Path}?{query}", UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task S5_TemplateThatIsTooLarge_Is400AndNoExactTopic()
    {
        using var response = await Server.Client.GetAsync(new Uri($"{MercureHub.Path}?topic={Uri.EscapeDataString(string.Concat(Enumerable.Range(0, 33).Select(static i => $"{{v{i}}}")))}", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("has 33 variables; the limit is 32", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S5_MoreExpressionsThanASubscriptionMayNeed_Is400()
    {
        var refused = Server.Metrics.Sum("spillway.transports.refused_subscriptions", "invalid-parameter");
        var all = string.Join('&', Enumerable.Range(0, 17).Select(static i => $"topic={Uri.EscapeDataString($"{{a*}}/{i}")}"));
        using var few = await MercureHub.SubscribeAsync(Server, all[..all.LastIndexOf('&')]);

        using var many = await Server.Client.GetAsync(new Uri($"{MercureHub.Path}?{all}", UriKind.Relative), Token);

        Assert.Equal(HttpStatusCode.OK, few.Response.StatusCode);
        var problem = JsonElement.Parse(await many.Content.ReadAsStringAsync(Token));
        Assert.Equal((HttpStatusCode.BadRequest, "Mercure:SubscriptionExpressions", 16), (many.StatusCode, problem.GetProperty("option").GetString(), problem.GetProperty("limit").GetInt32()));
        Assert.Equal(refused + 1, Server.Metrics.Sum("spillway.transports.refused_subscriptions", "invalid-parameter"));
    }

    [Fact]
    public async Task S5_MoreExpressionsThanTheHubKeeps_AreRefusedToSubscribersAndToTokens()
    {
        await using var server = await HubServer.StartAsync(options =>
        {
            MercureHub.Configure(options);
            options.Mercure.Expressions = 1;
        });
        using var first = await MercureHub.SubscribeAsync(server, "topic=https://example.com/{a*}");
        using var same = await MercureHub.SubscribeAsync(server, "topic=https://example.org/{a*}"); // Another text before it.

        using var other = await server.Client.GetAsync(new Uri($"{MercureHub.Path}?topic=%7B%3Fb%2A%7D", UriKind.Relative), Token);
        using var token = await MercureHub.PostAsync(server, MercureHub.Classic(publish: ["a", "{?b*}"]), ("topic", "a"), ("data", "x")); // Subscribers take no room from tokens.
        using var second = await MercureHub.PostAsync(server, MercureHub.Classic(publish: ["a", "{b*}"]), ("topic", "a"), ("data", "x"));

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.OK, HttpStatusCode.Unauthorized],
            [first.Response.StatusCode, same.Response.StatusCode, other.StatusCode, token.StatusCode, second.StatusCode]);
        Assert.Contains("Mercure:Expressions", await other.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal((1, 1), (server.Metrics.Sum("spillway.mercure.refused_expressions", "subscriptions"), server.Metrics.Sum("spillway.mercure.refused_expressions", "tokens")));
        Assert.Equal((1, 1), (server.Metrics.Sum("spillway.mercure.expressions", "subscriptions"), server.Metrics.Sum("spillway.mercure.expressions", "tokens")));
    }

    /// <summary>What is granted as it is asked for makes no pairs, however many grants there are.</summary>
    [Fact]
    public async Task V1_ManyGrantsThatCoverWhatIsAsked_AreNotTooMany()
    {
        var topics = Enumerable.Range(0, 100).Select(static _ => MercureHub.NewTopic()).ToArray();
        var query = string.Join('&', topics[..20].Select(static topic => $"topic={topic}"));
        using var subscriber = await MercureHub.SubscribeAsync(Server, query, MercureHub.Classic(subscribe: topics));

        await MercureHub.PublishAsync(Server, ("topic", topics[19]), ("data", "x"), ("private", "on"));

        Assert.Equal("x", (await subscriber.NextAsync()).Data);
    }

    [Fact]
    public async Task V1_MorePairsOfAskedAndGrantedThanAllowed_Is400()
    {
        var granted = Enumerable.Range(0, 100).Select(static _ => MercureHub.NewTopic()).ToArray();
        var query = string.Join('&', Enumerable.Range(0, 10).Select(static _ => $"topic={MercureHub.NewTopic()}"));

        using var refused = await MercureHub.SubscribeAsync(Server, query, MercureHub.Classic(subscribe: granted));

        Assert.Equal(HttpStatusCode.BadRequest, refused.Response.StatusCode);
    }

    [Fact]
    public async Task S1_QueryBody_MayNameMoreThanAUrl()
    {
        var topics = Enumerable.Range(0, 101).Select(static _ => MercureHub.NewTopic()).ToArray();
        using var response = await QueryAsync("", topics);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        await MercureHub.PublishAsync(Server, ("topic", topics[100]), ("data", "x"));

        Assert.Equal("data: x", await MercureHub.NextDataLineAsync(reader));
    }

    [Fact]
    public async Task S1_Query_JoinsBodyAndUrl()
    {
        var (one, other) = (MercureHub.NewTopic(), MercureHub.NewTopic());
        using var response = await QueryAsync($"?match={one}", other);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));

        await MercureHub.PublishAsync(Server, ("topic", one), ("data", "1"));
        await MercureHub.PublishAsync(Server, ("topic", other), ("data", "2"));

        Assert.Equal(["data: 1", "data: 2"], [await MercureHub.NextDataLineAsync(reader), await MercureHub.NextDataLineAsync(reader)]);
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task S9_Opening_IsPrimedByAnIdAlone(HostSockets sockets)
    {
        var (server, topic) = (hub.For(new TransportCase(Transport.SseRaw, 1, sockets)), MercureHub.NewTopic());
        using var subscriber = await MercureHub.SubscribeAsync(server, $"match={topic}");

        var id = await MercureHub.PublishAsync(server, ("topic", topic), ("data", "x"));
        var first = await subscriber.NextAsync();

        Assert.Equal("text/event-stream", subscriber.Response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(("message", "x", id), (first.Type, first.Data, first.LastEventId)); // No signal came before it.
        Assert.NotNull(subscriber.Reader.Retry);
    }

    [Theory]
    [InlineData(HostSockets.Kestrel)]
    [InlineData(HostSockets.Native)]
    [InlineData(HostSockets.Managed)]
    public async Task V1_Private_ReachesWhoHasAGrantForOneOfItsTopics(HostSockets sockets)
    {
        var (server, book) = (hub.For(new TransportCase(Transport.SseRaw, 1, sockets)), MercureHub.NewTopic());
        var (ann, bob) = (MercureHub.NewTopic(), MercureHub.NewTopic());
        using var anonymous = await MercureHub.SubscribeAsync(server, $"topic={book}");
        using var hers = await MercureHub.SubscribeAsync(server, $"topic={book}", MercureHub.Classic(subscribe: [ann]));
        using var his = await MercureHub.SubscribeAsync(server, $"match_urlpattern={book}*", MercureHub.Draft("subscribe", ("urlpattern", bob + "*")));
        using var all = await MercureHub.SubscribeAsync(server, "topic=*", MercureHub.Classic(subscribe: ["*"]));

        await MercureHub.PublishAsync(server, ("topic", book), ("topic", ann), ("data", "for ann"), ("private", "0")); // P3: present is private.
        await MercureHub.PublishAsync(server, ("topic", book), ("topic", bob), ("data", "for bob"), ("private", "on"));
        await MercureHub.PublishAsync(server, ("topic", book), ("data", "for nobody"), ("private", ""));
        await MercureHub.PublishAsync(server, ("topic", book), ("data", "for everybody"));

        Assert.Equal(["for everybody"], await anonymous.NextDataAsync(1));
        Assert.Equal(["for ann", "for everybody"], await hers.NextDataAsync(2));
        Assert.Equal(["for bob", "for everybody"], await his.NextDataAsync(2));
        var seen = new List<string>();
        while (seen.Count == 0 || seen[^1] != "for everybody")
        {
            seen.Add((await all.NextAsync()).Data);
        }

        Assert.Equal(["for ann", "for bob", "for nobody", "for everybody"], seen.Where(static data => data.StartsWith("for ", StringComparison.Ordinal)).TakeLast(4));
    }

    [Fact]
    public async Task V2_Replay_IsJudgedByTheTokenOfNow()
    {
        var topic = MercureHub.NewTopic();
        var first = await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "1"));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "2"), ("private", "on"));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "3"));

        using var granted = await MercureHub.SubscribeAsync(Server, $"match={topic}&last_event_id={Uri.EscapeDataString(first)}", MercureHub.Draft("subscribe", ("exact", topic)));
        using var without = await MercureHub.SubscribeAsync(Server, $"match={topic}", lastEventId: first);

        Assert.Equal(["2", "3"], await granted.NextDataAsync(2));
        Assert.Equal(["3"], await without.NextDataAsync(1));
    }

    [Theory]
    [InlineData("match_urlpattern=https://example.com/books/:id", "https://example.com/books/1", true)]
    [InlineData("match_urlpattern=/books/:id", "/books/1", true)] // M4: both relative to the hub.
    [InlineData("match_urlpattern=/books/:id", "https://hub.example/books/1", true)]
    [InlineData("match_urlpattern=*", "anything", true)] // M2
    [InlineData("match=/books/1", "https://hub.example/books/1", false)] // M3: exact is byte for byte.
    [InlineData("match=https://example.com/books/{id}", "https://example.com/books/1", false)]
    [InlineData("topic=https://example.com/books/{id}", "https://example.com/books/1", true)]
    [InlineData("topic=https://example.com/books/{id}", "https://example.com/books/1/2", false)]
    [InlineData("topic=*", "anything", true)]
    public async Task M1_Matchers_SelectWhatTheyMatch(string query, string topic, bool matches)
    {
        var end = MercureHub.NewTopic();
        var separator = query.IndexOf('=', StringComparison.Ordinal);
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"{query[..separator]}={Uri.EscapeDataString(query[(separator + 1)..])}&{(query.StartsWith("topic", StringComparison.Ordinal) ? "topic" : "match")}={end}");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "it"));
        await MercureHub.PublishAsync(Server, ("topic", end), ("data", "end"));

        Assert.Equal(matches ? "it" : "end", (await subscriber.NextAsync()).Data);
    }

    [Fact]
    public async Task Signals_Asked_TellTheOpeningAndGaps()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match={topic}&signals=1", lastEventId: "#nobody-knows-it");

        Assert.Equal("spillway-open", (await subscriber.NextAsync()).Type);
        var gap = await subscriber.NextAsync();
        Assert.Equal("spillway-gap", gap.Type);
        Assert.StartsWith("{\"from\":\"#nobody-knows-it\",\"to\":\"#", gap.Data, StringComparison.Ordinal);
    }

    private HubServer Server => hub.For(new TransportCase(Transport.SseRaw, 1, HostSockets.Native));

    private async Task<HttpResponseMessage> QueryAsync(string query, params string[] topics)
    {
        using var request = new HttpRequestMessage(new HttpMethod("QUERY"), MercureHub.Path + query) { Content = new FormUrlEncodedContent(topics.Select(static topic => KeyValuePair.Create("match", topic))) };
        return await Server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }
}
