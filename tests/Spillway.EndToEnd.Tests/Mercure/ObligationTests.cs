using System.Net;
using System.Security.Cryptography;
using System.Text;
using Spillway.EndToEnd.Tests.Subscribing;
using Spillway.EndToEnd.Tests.TransportContract;
using Spillway.TestKit;

namespace Spillway.EndToEnd.Tests.Mercure;

/// <summary>What a Mercure hub owes beside what <see cref="PublishTests"/> and <see cref="SubscribeTests"/> look at in depth: each by its number.</summary>
public sealed class ObligationTests(MercureHub hub) : IClassFixture<MercureHub>
{
    private HubServer Server => hub.For(new TransportCase(Transport.SseRaw, 1, HostSockets.Native));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task S2_NamesAndValues_AreReadOnceTheyAreDecoded()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"%6Datch={Uri.EscapeDataString(topic)}&matc%68={topic}%2b+x");
        using var request = new HttpRequestMessage(HttpMethod.Post, MercureHub.Path)
        {
            Content = new StringContent($"%74opic={topic}%2B+x&&d%61ta=%c3%A4+%2b%0d%0a=&&", Encoding.ASCII, "application/x-www-form-urlencoded"),
        };
        request.Content.Headers.ContentType!.CharSet = null;
        request.Headers.Authorization = new("Bearer", MercureHub.Classic(publish: ["*"]));

        using var response = await Server.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ä +\n=", (await subscriber.NextAsync()).Data);
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%1Fb")]
    [InlineData("%7F")]
    [InlineData("%C2%85")] // C1
    [InlineData("%E2%80%AE")] // Cf
    [InlineData("%F3%A0%80%81")] // Cf beyond the first plane.
    [InlineData("%C3%28")] // Not UTF-8
    public async Task S4_ValueThatIsNoText_Is400(string value)
    {
        foreach (var name in (string[])["match", "match_exact", "match_urlpattern", "topic"])
        {
            using var response = await Server.Client.GetAsync(new Uri($"{MercureHub.Path}?{name}={value}", UriKind.Relative), Token);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    /// <summary>Not 429, which an EventSource would take for the end: it is told when to come back.</summary>
    [Fact]
    public async Task S6_MoreConnectionsThanTheHubHas_AreToldToComeBack()
    {
        await using var server = await HubServer.StartAsync(static options =>
        {
            MercureHub.Configure(options);
            options.Limits.Connections = 1;
        });
        using var first = await MercureHub.SubscribeAsync(server, "match=a");
        await server.WaitForConnectionsAsync(1);

        using var second = await MercureHub.SubscribeAsync(server, "match=a");

        Assert.Null(await second.TryNextAsync());
        Assert.InRange(second.Reader.Retry ?? 0, 1_000, 10_000);
        Assert.Equal(1, server.Metrics.Sum("spillway.transports.refused_subscriptions", "full"));
    }

    [Fact]
    public async Task S7_AskedTwice_IsDeliveredOnce()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match={topic}&match={topic}&match_urlpattern={topic}&match_urlpattern={topic}");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "1"));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "2"));

        Assert.Equal(["1", "2"], await subscriber.NextDataAsync(2));
    }

    [Fact]
    public async Task S9_QuietStream_GetsComments()
    {
        var clock = new ForwardClock();
        await using var server = await HubServer.StartAsync(MercureHub.Configure, configureHost: builder => clock.AddTo(builder.Services));
        using var subscriber = await MercureHub.SubscribeAsync(server, "match=a");
        await server.WaitForConnectionsAsync(1);

        var reading = subscriber.NextAsync();
        await HubServer.WaitAsync(() =>
        {
            clock.Forward(TimeSpan.FromSeconds(20));
            return subscriber.Reader.Comments.Count > 0;
        });

        await MercureHub.PublishAsync(server, ("topic", "a"), ("data", "x"));
        Assert.Equal("x", (await reading).Data);
    }

    [Fact]
    public async Task S9_Http2_IsServed()
    {
        var topic = MercureHub.NewTopic();
        using var client = Server.CreateHttp2Client();
        using var subscriber = await StreamSubscriber.OpenAsync(client, $"{MercureHub.Path}?match={topic}");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "x"));

        Assert.Equal("x", (await subscriber.NextAsync()).Data);
        Assert.Equal(HttpVersion.Version20, subscriber.Response.Version);
    }

    [Theory]
    [InlineData("match")]
    [InlineData("match_exact")]
    [InlineData("match_urlpattern")]
    [InlineData("topic")]
    public async Task M2_Asterisk_IsEveryTopicWhateverTheType(string name)
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"{name}=*");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", topic));

        while ((await subscriber.NextAsync()).Data != topic) // Those of other tests come, too.
        {
        }
    }

    [Theory]
    [InlineData("/books/%31")] // Percent-encoded
    [InlineData("/Books/1")]
    [InlineData("/books/1/")]
    [InlineData("https://hub.example/books/1")] // Resolved
    [InlineData("/x/../books/1")]
    public async Task M3_Exact_IsByteForByte(string topic)
    {
        var end = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match=/books/1&match={end}");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "another"));
        await MercureHub.PublishAsync(Server, ("topic", "/books/1"), ("data", "it"));
        await MercureHub.PublishAsync(Server, ("topic", end), ("data", "end"));

        Assert.Equal(["it", "end"], await subscriber.NextDataAsync(2));
    }

    [Theory]
    [InlineData("/books/:id", "/books/1", true)]
    [InlineData("../books/:id", "https://hub.example/books/1", true)]
    [InlineData("https://hub.example/books/:id", "/books/1", true)]
    [InlineData("/books/:id", "https://other.example/books/1", false)]
    [InlineData("/books/:id", "/BOOKS/1", false)] // No ignoreCase.
    [InlineData("/books/*", "https://no host/books/1", false)] // No URL: no match.
    [InlineData("*://*:*/*", "https://[bad/books", false)]
    public async Task M4_UrlPattern_IsResolvedAgainstTheHub(string pattern, string topic, bool matches)
    {
        var end = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match_urlpattern={Uri.EscapeDataString(pattern)}&match={end}");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "it"));
        await MercureHub.PublishAsync(Server, ("topic", end), ("data", "end"));

        Assert.Equal(matches ? "it" : "end", (await subscriber.NextAsync()).Data);
    }

    /// <summary>An engine that backtracks would need longer than there is time.</summary>
    [Fact]
    public async Task M5_ExpressionThatWouldBacktrack_TakesLinearTime()
    {
        var end = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match_urlpattern={Uri.EscapeDataString("/m5/((?:a+)+)b")}&match={end}");

        await MercureHub.PublishAsync(Server, ("topic", "/m5/" + new string('a', 400)), ("data", "no"));
        await MercureHub.PublishAsync(Server, ("topic", "/m5/" + new string('a', 400) + "b"), ("data", "yes"));
        await MercureHub.PublishAsync(Server, ("topic", end), ("data", "end"));

        Assert.Equal(["yes", "end"], await subscriber.NextDataAsync(2));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("false")]
    [InlineData("on")]
    public async Task P3_Private_IsByPresence(string value)
    {
        var topic = MercureHub.NewTopic();
        using var anonymous = await MercureHub.SubscribeAsync(Server, $"match={topic}");

        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "private"), ("private", value));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "public"));

        Assert.Equal("public", (await anonymous.NextAsync()).Data);
    }

    [Fact]
    public async Task P6_UnknownFields_AreIgnored()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match={topic}");

        await MercureHub.PublishAsync(Server, ("unknown", "x"), ("topic", topic), ("Data", "not it"), ("data", "it"), ("topics[]", "x"), ("", ""));

        Assert.Equal("it", (await subscriber.NextAsync()).Data);
    }

    [Fact]
    public async Task R1_EveryEvent_HasAnIdOfItsOwn()
    {
        var topic = MercureHub.NewTopic();
        using var subscriber = await MercureHub.SubscribeAsync(Server, $"match={topic}");
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "x"));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "x"));
        await Server.PublishAsync(topic, "of the hub's own endpoint");

        var ids = new[] { await subscriber.NextAsync(), await subscriber.NextAsync(), await subscriber.NextAsync() }.Select(static one => one.LastEventId).ToArray();

        Assert.All(ids, static id => Assert.StartsWith("#", id, StringComparison.Ordinal));
        Assert.Equal(3, ids.Distinct().Count());
    }

    /// <summary>A publisher of 0.x that gives an id twice has published once: what stands behind the first is behind all.</summary>
    [Fact]
    public async Task R3_IdGivenTwice_ContinuesBehindTheFirst()
    {
        var (topic, id) = (MercureHub.NewTopic(), $"urn:r3:{Guid.NewGuid()}");
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "1"), ("id", id));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "2"));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "1"), ("id", id));
        await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "3"));

        using var subscriber = await MercureHub.SubscribeAsync(Server, $"topic={topic}", lastEventId: id);

        Assert.Equal(["2", "3"], await subscriber.NextDataAsync(2));
    }

    [Fact]
    public async Task R5_IdsOfTheHub_ShowNoOrder()
    {
        var topic = MercureHub.NewTopic();
        var ids = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            ids.Add(await MercureHub.PublishAsync(Server, ("topic", topic), ("data", "x")));
        }

        // 26 characters of one block of a cipher: that any two of eight begin alike, with 40 bits, has a chance of 1 in 10^10.
        Assert.Equal(8, ids.Select(static id => id[2..10]).Distinct().Count());
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task A4_PublicKey_IsTakenWithItsAlgorithmAlone(string algorithm)
    {
        using var rsa = RSA.Create(2048);
        using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = await HubServer.StartAsync(options =>
        {
            MercureHub.Configure(options);
            options.Mercure.PublisherKey = algorithm == "RS256" ? rsa.ExportSubjectPublicKeyInfoPem() : curve.ExportSubjectPublicKeyInfoPem();
            options.Mercure.PublisherAlgorithm = algorithm;
        });
        var good = MercureHub.Classic(algorithm, signed => algorithm == "RS256"
            ? rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1) : curve.SignData(signed, HashAlgorithmName.SHA256));

        using var taken = await MercureHub.PostAsync(server, good, ("topic", "a"), ("data", "x"));
        using var refused = await MercureHub.PostAsync(server, MercureHub.Classic(publish: ["*"]), ("topic", "a"), ("data", "x"));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (taken.StatusCode, refused.StatusCode));
    }

    [Fact]
    public async Task A9_LongestLife_EndsAStreamWhateverItsToken()
    {
        var clock = new ForwardClock();
        await using var server = await HubServer.StartAsync(
            static options =>
            {
                MercureHub.Configure(options);
                options.Sse.MaxLifetime = TimeSpan.FromMinutes(10);
            },
            configureHost: builder => clock.AddTo(builder.Services));
        using var subscriber = await MercureHub.SubscribeAsync(server, "topic=a", MercureHub.Classic(subscribe: ["*"]));
        await server.WaitForLoopAsync();

        clock.Forward(TimeSpan.FromMinutes(12)); // Lives differ by a tenth.

        Assert.Null(await subscriber.TryNextAsync());
    }
}
