using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Spillway.EndToEnd.Tests.Subscribing;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>What a Mercure hub tells of its subscriptions, where it is asked to: U1 to U3, in the words of both dialects.</summary>
public sealed class SubscriptionsTests : IAsyncLifetime
{
    private const string Below = MercureHub.Path + "/subscriptions";
    private const string Topic = "https://example.com/a topic";

    private HubServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await HubServer.StartAsync(
        static options =>
        {
            MercureHub.Configure(options);
            options.Mercure.Subscriptions = true;
            options.Mercure.SubscriptionsListed = 3;
        },
        sockets: HostSockets.Native);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task U1_BeginningAndEnd_ArePrivateEventsOfTheHub()
    {
        using var watcher = await MercureHub.SubscribeAsync(_server, $"match_urlpattern={Below}/:type/:match/:subscriber", MercureHub.Draft("subscribe", ("urlpattern", Below + "/:type/:match/:subscriber")));
        using var public1 = await MercureHub.SubscribeAsync(_server, $"match_urlpattern={Below}/*&match=end");
        var subscriber = await MercureHub.SubscribeAsync(_server, $"match={Uri.EscapeDataString(Topic)}");

        var begins = await OfTopicAsync(watcher, Topic);
        subscriber.Dispose();
        var ends = await OfTopicAsync(watcher, Topic);
        await MercureHub.PublishAsync(_server, ("topic", "end"), ("data", "nothing private came"));

        Assert.Equal(("Subscription", "exact", Topic, true), (begins.GetProperty("type").GetString(), begins.GetProperty("match_type").GetString(), begins.GetProperty("match").GetString(), begins.GetProperty("active").GetBoolean()));
        Assert.False(ends.GetProperty("active").GetBoolean());
        Assert.Equal(begins.GetProperty("subscriber").GetString(), ends.GetProperty("subscriber").GetString());
        Assert.Equal($"{Below}/exact/{Uri.EscapeDataString(Topic)}/{Uri.EscapeDataString(begins.GetProperty("subscriber").GetString()!)}", begins.GetProperty("id").GetString());
        Assert.Equal("nothing private came", (await public1.NextAsync()).Data);
    }

    [Fact]
    public async Task U1_Classic_HasItsOwnWords()
    {
        using var watcher = await MercureHub.SubscribeAsync(_server, $"topic={Below}/{{topic}}/{{subscriber}}", MercureHub.Classic(subscribe: [Below + "/{topic}/{subscriber}"]));
        using var subscriber = await MercureHub.SubscribeAsync(_server, $"topic={Uri.EscapeDataString("https://example.com/{id}")}", MercureHub.Classic(subscribe: ["https://example.com/1"]));

        JsonElement told;
        do
        {
            told = JsonElement.Parse((await watcher.NextAsync()).Data);
        }
        while (told.GetProperty("topic").GetString() != "https://example.com/{id}");

        Assert.Equal(("https://mercure.rocks/", "Subscription"), (told.GetProperty("@context").GetString(), told.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task U2_NameOfASubscriber_IsTheHubsAndOfOneConnection()
    {
        using var one = await MercureHub.SubscribeAsync(_server, $"match={Uri.EscapeDataString(Topic)}&subscriber=mine&id=mine", MercureHub.Draft("subscribe", "mine", ("exact", "*")));
        using var two = await MercureHub.SubscribeAsync(_server, $"match={Uri.EscapeDataString(Topic)}&subscriber=mine&id=mine", MercureHub.Draft("subscribe", "mine", ("exact", "*")));
        var token = MercureHub.Classic(subscribe: ["*"]);
        await UntilAsync(async () => (await GetAsync(Below, token)).Document.GetProperty("subscriptions").GetArrayLength() == 2);

        var names = (await GetAsync(Below, token)).Document.GetProperty("subscriptions").EnumerateArray().Select(static each => each.GetProperty("subscriber").GetString()!).ToArray();

        Assert.Equal(2, names.Distinct().Count());
        Assert.All(names, static name => Assert.DoesNotContain("mine", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task U3_Lists_AreOfAllOfOneMatcherAndOfOne()
    {
        using var one = await MercureHub.SubscribeAsync(_server, $"match={Uri.EscapeDataString(Topic)}&match=other");
        using var two = await MercureHub.SubscribeAsync(_server, $"match={Uri.EscapeDataString(Topic)}");
        var token = MercureHub.Draft("subscribe", ("urlpattern", Below), ("urlpattern", Below + "/*"));
        await UntilAsync(async () => (await GetAsync(Below, token)).Document.GetProperty("subscriptions").GetArrayLength() == 3);

        var all = await GetAsync(Below, token);
        var ofTopic = await GetAsync($"{Below}/exact/{Uri.EscapeDataString(Topic)}", token);
        var id = ofTopic.Document.GetProperty("subscriptions")[0].GetProperty("id").GetString()!;
        var single = await GetAsync(id, token);
        var none = await GetAsync($"{Below}/exact/nothing/urn%3Auuid%3Ax", token);

        Assert.Equal((HttpStatusCode.OK, "application/json", 3), (all.Status, all.Type, all.Document.GetProperty("subscriptions").GetArrayLength()));
        Assert.Equal(2, ofTopic.Document.GetProperty("subscriptions").GetArrayLength());
        Assert.Equal((id, true), (single.Document.GetProperty("id").GetString(), single.Document.GetProperty("active").GetBoolean()));
        Assert.Equal(HttpStatusCode.NotFound, none.Status);
        Assert.StartsWith($"<https://hub.example{MercureHub.Path}>; rel=\"mercure\"; last-event-id=\"", all.Link, StringComparison.Ordinal);
        Assert.NotNull(all.Document.GetProperty("last_event_id").GetString());
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("/exact", false, true)] // A kind alone is nothing in draft 8, and a topic in 0.x.
    [InlineData("/exact/x", true, false)]
    [InlineData("/exact/x/y/z", false, false)]
    [InlineData("/exact/x/.well-known/mercure/subscriptions", false, false)] // A matcher that is not escaped, and not the list of all.
    public async Task U3_Shapes_AreThoseOfTheTokensDialect(string path, bool isOfDraft, bool isOfClassic)
    {
        var draft = await GetAsync(Below + path, MercureHub.Draft("subscribe", ("exact", "*")));
        var classic = await GetAsync(Below + path, MercureHub.Classic(subscribe: ["*"]));

        Assert.Equal(isOfDraft ? HttpStatusCode.OK : HttpStatusCode.NotFound, draft.Status);
        Assert.Equal(isOfClassic ? HttpStatusCode.OK : HttpStatusCode.NotFound, classic.Status);
    }

    [Fact]
    public async Task U3_ThreePartsByATokenOfClassic_AreNotThere()
    {
        using var subscriber = await MercureHub.SubscribeAsync(_server, "match=it");
        var draft = MercureHub.Draft("subscribe", ("exact", "*"));
        await UntilAsync(async () => (await GetAsync(Below, draft)).Document.GetProperty("subscriptions").GetArrayLength() == 1);
        var id = (await GetAsync(Below, draft)).Document.GetProperty("subscriptions")[0].GetProperty("id").GetString()!;

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(id, draft)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(id, MercureHub.Classic(subscribe: ["*"]))).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(id.Replace("/exact/", "/", StringComparison.Ordinal), MercureHub.Classic(subscribe: ["*"]))).Status);
    }

    [Fact]
    public async Task U3_WithoutAGrantForTheAddress_IsRefused()
    {
        var other = await GetAsync(Below, MercureHub.Draft("subscribe", ("urlpattern", Below + "/exact/*")));
        var anonymous = await GetAsync(Below, null);
        var classic = await GetAsync(Below, MercureHub.Classic(subscribe: ["*"]));

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (other.Status, anonymous.Status));
        Assert.Equal((HttpStatusCode.OK, "application/ld+json"), (classic.Status, classic.Type));
    }

    [Fact]
    public async Task List_MoreThanTheLimit_SaysSo()
    {
        using var subscriber = await MercureHub.SubscribeAsync(_server, "match=a&match=b&match=c&match=d");
        var token = MercureHub.Classic(subscribe: ["*"]);
        await UntilAsync(async () => (await GetAsync(Below, token)).Status != HttpStatusCode.OK);

        var all = await GetAsync(Below, token);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "Mercure:SubscriptionsListed"), (all.Status, all.Document.GetProperty("option").GetString()));
    }

    private static async Task<JsonElement> OfTopicAsync(StreamSubscriber watcher, string match)
    {
        while (true)
        {
            var told = await watcher.NextAsync();
            Assert.Equal("mercure", told.Type);
            if (JsonElement.Parse(told.Data) is var document && document.GetProperty("match").GetString() == match)
            {
                return document;
            }
        }
    }

    /// <summary>A subscription is listed when a loop has it, which is soon after its head was sent.</summary>
    private static Task UntilAsync(Func<Task<bool>> condition) =>
        Condition.WaitAsync(condition, TimeSpan.FromSeconds(30), static () => "The subscriptions were not listed.", Token);

    private async Task<(HttpStatusCode Status, string? Type, string Link, JsonElement Document)> GetAsync(string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server.Address + path[1..]));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var response = await _server.Client.SendAsync(request, Token);
        var link = response.Headers.TryGetValues("Link", out var links) ? links.Single() : "";
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType, link, JsonElement.Parse(await response.Content.ReadAsStringAsync(Token)));
    }
}
