using System.Security.Cryptography;
using System.Text;
using Spillway.Mercure;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure.Tokens;

/// <summary>Tokens of Mercure 0.x, as its clients make them.</summary>
public sealed class ClassicReaderTests
{
    [Theory]
    [InlineData("""{"alg":"HS256"}""", "")]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""", "")]
    [InlineData("""{"alg":"HS256","typ":"anything","kid":"k"}""", "")]
    [InlineData("""{"alg":"HS256","typ":"at+jwt"}""", "\"iss\":\"https://nobody.example\",\"aud\":[\"x\",\"y\"],\"sub\":\"ann\",\"jti\":\"7\",\"iat\":1000000000.25,")]
    [InlineData("""{"alg":"HS256","typ":"JWT"}""", "\"iss\":\"https://issuer.example\",")] // The name of an issuer of draft 8, but no access token of it.
    public async Task Token_OfAnyTypeIssuerAndAudience_IsTaken(string header, string more)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, $$$"""{{{{more}}}"mercure":{"subscribe":["a"]}}""", header));

        Assert.Equal((Dialect.Classic, true, false), (rig.Served!.Dialect, rig.Served.Subscribe.Allows("a"u8), rig.Served.Subscribe.Allows("b"u8)));
        Assert.Null(rig.Served.Ticket.Issuer); // Nobody vouches for what stands there.
        Assert.Equal(more.Contains("ann", StringComparison.Ordinal) ? "ann" : null, rig.Served.Ticket.Subject);
    }

    [Theory]
    [InlineData("\"exp\":-1")]
    [InlineData("\"nbf\":100")]
    public async Task Times_WhereTheyAreThere_AreEnforced(string time)
    {
        await using var rig = new MercureRig();
        var (name, offset) = (time.Split(':')[0], long.Parse(time.Split(':')[1], null));

        await rig.ServeAsync(MercureTokens.Subscriber("\"*\"", $"{name}:{TokenRig.Seconds + offset}"));

        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task Grants_AreEverythingExactTopicsAndTemplates()
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Classic(
            MercureTokens.SubscriberKey, """{"mercure":{"subscribe":["a","https://example.com/books/{id}","broken{","https://example.com/:id"],"publish":["*"]}}"""));

        var grants = rig.Served!.Subscribe;
        Assert.Equal((true, true, true, true), (grants.Allows("a"u8), grants.Allows("https://example.com/books/1"u8), grants.Allows("broken{"u8), grants.Allows("https://example.com/:id"u8)));
        Assert.Equal((false, false, false), (grants.Allows("b"u8), grants.Allows("https://example.com/1"u8), grants.Allows("https://example.com/books/1/2"u8)));
        Assert.Equal((1, 3), (grants.Patterns.Count, grants.Topics.Count));
        Assert.True(rig.Served.Publish.AllowsAll);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"mercure":{}}""")]
    [InlineData("""{"mercure":{"subscribe":[]}}""")]
    [InlineData("""{"mercure":{"subscribe":null,"publish":null,"payload":null}}""")]
    public async Task Claim_WithoutSubscribe_IsGoodAndGrantsNothing(string claims)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, claims));

        Assert.Equal((true, true, null), (rig.Served!.Subscribe.IsEmpty, rig.Served.Publish.IsEmpty, rig.Served.Subscribe.PayloadFor("a"u8)));
    }

    [Fact]
    public async Task Claim_UnderItsLongName_CountsAlikeButNotBesideTheShortOne()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, """{"https://mercure.rocks/":{"subscribe":["a"]}}"""));
        Assert.True(rig.Served?.Subscribe.Allows("a"u8));

        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, """{"mercure":{"subscribe":["a"]},"https://mercure.rocks/":{"subscribe":["a"]}}"""));

        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task Payload_IsThatOfEverySubscription()
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, """{"mercure":{"subscribe":["a"],"payload":{"user":"ann"}}}"""));

        Assert.Equal(("""{"user":"ann"}""", """{"user":"ann"}"""), (rig.Served!.Subscribe.PayloadFor("a"u8), rig.Served.Subscribe.PayloadFor("what is public"u8)));
        Assert.Null(rig.Served.Publish.PayloadFor("a"u8));
    }

    [Theory]
    [InlineData("""{"mercure":["a"]}""")]
    [InlineData("""{"mercure":null}""")]
    [InlineData("""{"mercure":{"subscribe":"a"}}""")]
    [InlineData("""{"mercure":{"subscribe":{"0":"a"}}}""")]
    [InlineData("""{"mercure":{"subscribe":["a",7]}}""")]
    [InlineData("""{"mercure":{"subscribe":["a",{"match":"b"}]}}""")]
    [InlineData("""{"mercure":{"subscribe":["a",""]}}""")]
    [InlineData("""{"mercure":{"subscribe":["a","b\u0000"]}}""")]
    [InlineData("""{"mercure":{"subscribe":["a"],"publish":7}}""")]
    public async Task Claim_OfAnotherForm_RefusesTheWholeToken(string claims)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, claims));

        rig.AssertRefused(401, "invalid_token");
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.tokens", "grants"));
    }

    [Fact]
    public async Task Limits_OfGrantsAndTheirLength_RefuseTheToken()
    {
        await using var rig = new MercureRig(static options => (options.Access.TokenGrants, options.Mercure.PatternBytes) = (2, 64));

        await rig.ServeAsync(MercureTokens.Subscriber($"\"a\",\"{new string('t', 64)}\""));
        Assert.NotNull(rig.Served);
        await rig.ServeAsync(MercureTokens.Subscriber("\"a\",\"b\",\"c\""));
        rig.AssertRefused(401, "invalid_token");
        await rig.ServeAsync(MercureTokens.Subscriber($"\"{new string('t', 65)}\""));

        rig.AssertRefused(401, "invalid_token");
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public async Task PublicKey_InPem_VerifiesItsAlgorithmAlone(string algorithm)
    {
        var pem = algorithm == "RS256" ? TestKeys.Rsa.ExportSubjectPublicKeyInfoPem() : TestKeys.P256.ExportSubjectPublicKeyInfoPem();
        await using var rig = new MercureRig(options => (options.Mercure.SubscriberKey, options.Mercure.SubscriberAlgorithm) = (pem, algorithm));
        const string Claims = """{"mercure":{"subscribe":["*"]}}""";

        await rig.ServeAsync(TestKeys.Make(algorithm, Claims));
        Assert.NotNull(rig.Served);
        await rig.ServeAsync(TestKeys.Join("""{"alg":"HS256"}""", Claims, signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(pem), signed)));

        rig.AssertRefused(401, "invalid_token");
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.tokens", "algorithm"));
    }
}
