using Microsoft.AspNetCore.Http;
using Spillway.Access;
using Spillway.Mercure;

namespace Spillway.Tests.Mercure;

/// <summary>What a request to the Mercure hub has to present, and what it is told. Numbers are those of what a hub owes.</summary>
public sealed class MercureGateTests
{
    private static readonly string Draft = MercureTokens.Draft($"[{MercureTokens.Detail("\"publish\",\"subscribe\"", """{"match":"a"}""")}]");

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    [InlineData("BEARER   ")]
    public async Task A1_HeaderInAnyCase_HandsTheTicketOnWithoutAFrameOfItsOwn(string scheme)
    {
        await using var rig = new MercureRig();
        rig.Headers.Authorization = scheme + Draft;

        await rig.ServeAsync();

        Assert.Equal((Dialect.Draft8, true, true), (rig.Served!.Dialect, rig.Served.Subscribe.Allows("a"u8), rig.Served.Publish.Allows("a"u8)));
        Assert.Equal((true, CredentialKind.Foreign), (rig.IsHandedOn, rig.Served.Ticket.Kind));
        Assert.False(rig.Served.Subscribe.Allows("b"u8));
    }

    [Theory]
    [InlineData("__Secure-mercure_access_token", "Draft8")]
    [InlineData("mercureAuthorization", "Classic")]
    public async Task A1_CookieOfADialect_HoldsItsToken(string cookie, string dialect)
    {
        await using var rig = new MercureRig();
        rig.Headers.Cookie = $"other=1; {cookie}={(dialect == "Draft8" ? Draft : MercureTokens.Subscriber())}";

        await rig.ServeAsync();

        Assert.Equal(dialect, rig.Served?.Dialect.ToString());
    }

    [Fact]
    public async Task A1_HeaderAndCookie_HeaderWinsAndTheCookieIsIgnored()
    {
        await using var rig = new MercureRig();
        rig.Headers.Authorization = "Bearer " + Draft;
        rig.Headers.Cookie = "__Secure-mercure_access_token=nonsense; __Secure-mercure_access_token=twice; mercureAuthorization=x";
        rig.Headers.Origin = "https://elsewhere.example";
        await rig.ServeAsync();
        Assert.Equal(Dialect.Draft8, rig.Served?.Dialect);

        rig.Ask();
        rig.Headers.Authorization = "Bearer not.a.token";
        rig.Headers.Cookie = "__Secure-mercure_access_token=" + Draft;
        await rig.ServeAsync();

        rig.AssertRefused(401, "invalid_token");
    }

    [Theory]
    [InlineData("authorization")]
    [InlineData("access_token")]
    [InlineData("Token")]
    public async Task A1_TokenInTheUrl_Is400AndNotRepeated(string parameter)
    {
        await using var rig = new MercureRig();
        rig.Context.Request.QueryString = new QueryString($"?topic=a&{parameter}={MercureTokens.Subscriber()}");

        await rig.ServeAsync();

        rig.AssertRefused(400, "invalid_request", MercureTokens.Subscriber());
    }

    [Fact]
    public async Task A1_UrlWhereOptionsTakeIt_CountsForClassicTokensAlone()
    {
        await using var rig = new MercureRig(static options => options.Mercure.UrlAuthorization = true);
        rig.Context.Request.QueryString = new QueryString("?authorization=" + MercureTokens.Subscriber());
        await rig.ServeAsync();
        Assert.Equal(Dialect.Classic, rig.Served?.Dialect);

        rig.Ask();
        rig.Context.Request.QueryString = new QueryString("?authorization=" + Draft);
        await rig.ServeAsync();
        rig.AssertRefused(400, "invalid_request", Draft);

        rig.Ask();
        rig.Context.Request.QueryString = new QueryString($"?authorization={MercureTokens.Subscriber()}&access_token=x");
        await rig.ServeAsync();
        rig.AssertRefused(400, "invalid_request");

        rig.Ask();
        rig.Context.Request.QueryString = new QueryString("?authorization=nonsense");
        rig.Headers.Authorization = "Bearer " + Draft;
        await rig.ServeAsync();
        Assert.Equal(Dialect.Draft8, rig.Served?.Dialect); // The header wins.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A3_NoToken_IsBareBearerWithTheMetadata(bool publishing)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(publishing);

        rig.AssertRefused(401, "");
        Assert.Equal($"Bearer realm=\"spillway\", resource_metadata=\"{MercureRig.Metadata}\"", rig.Challenge);
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.refused_requests", "no-credential"));
    }

    [Fact]
    public async Task A3_AnotherScheme_IsToldThatATokenIsNeededAndNoMore()
    {
        await using var rig = new MercureRig();
        rig.Headers.Authorization = "Basic c2VjcmV0OnNlY3JldA==";
        rig.Headers.Cookie = "__Secure-mercure_access_token=" + Draft; // Ignored: there is a header.

        await rig.ServeAsync();

        rig.AssertRefused(401, "", "c2VjcmV0");
    }

    [Theory]
    [InlineData("x.y.z-secret")]
    [InlineData("spk_0123456789abcdef0123456789abcdef")]
    [InlineData("e30.e30.e30")]
    public async Task A3_BadToken_IsInvalidToken(string token)
    {
        await using var rig = new MercureRig(static options => options.Mercure.Anonymous = true);

        await rig.ServeAsync(token);

        rig.AssertRefused(401, "invalid_token", token); // Nor is it taken for none, which may subscribe here.
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer   ")]
    [InlineData("Bearer a b-secret")]
    [InlineData("Bearer a,b-secret")]
    [InlineData("Bearer \"b-secret\"")]
    public async Task A3_MalformedPresentation_IsInvalidRequest(string header)
    {
        await using var rig = new MercureRig(static options => options.Mercure.Anonymous = true);
        rig.Headers.Authorization = header;

        await rig.ServeAsync();

        rig.AssertRefused(400, "invalid_request", "b-secret");
    }

    [Fact]
    public async Task A3_TwoHeadersOrCookies_AreInvalidRequest()
    {
        await using var rig = new MercureRig();
        rig.Headers.Authorization = new[] { "Bearer " + Draft, "Bearer " + Draft };
        await rig.ServeAsync();
        rig.AssertRefused(400, "invalid_request", Draft);

        rig.Ask();
        rig.Headers.Cookie = $"mercureAuthorization={MercureTokens.Subscriber()}; mercureAuthorization=x";
        await rig.ServeAsync();
        rig.AssertRefused(400, "invalid_request", MercureTokens.Subscriber());
    }

    [Fact]
    public async Task A3_GoodTokenThatPublishesNothing_IsInsufficientScope()
    {
        await using var rig = new MercureRig();
        string[] tokens =
        [
            MercureTokens.Draft($"[{MercureTokens.Detail("\"subscribe\"", """{"match":"*"}""")}]"), MercureTokens.Draft("[]"), MercureTokens.Publisher(""), MercureTokens.Classic(MercureTokens.PublisherKey, "{}"),
        ];

        foreach (var token in tokens)
        {
            await rig.ServeAsync(token, publishing: true);

            rig.AssertRefused(403, "insufficient_scope", token);
        }

        Assert.Equal(tokens.Length, rig.Metrics.Sum("spillway.access.refused_requests", "not-granted"));
    }

    [Fact]
    public async Task A3_RefusedByTheEndpoint_HasTheMetadataToo()
    {
        await using var rig = new MercureRig();
        await rig.ServeAsync(Draft, publishing: true);
        var ticket = rig.Served!;

        rig.Ask();
        await rig.Gate.RefuseAsync(rig.Context, MercureProblems.NotGranted("topic", "b"u8, "publish to", ticket));

        rig.AssertRefused(403, "insufficient_scope");
    }

    [Theory]
    [InlineData(null, null, null, false, true)]
    [InlineData("https://hub.example", null, null, true, true)]
    [InlineData("https://listed.example", null, null, true, true)]
    [InlineData("https://elsewhere.example", null, null, false, false)]
    [InlineData("null", null, null, false, false)]
    [InlineData("https://elsewhere.example", null, "same-origin", true, true)] // A browser knows it better than we do behind a proxy.
    [InlineData(null, null, "same-origin", true, true)]
    [InlineData(null, null, "none", true, true)] // Of a user, and no page.
    [InlineData(null, null, "cross-site", false, true)] // What it fetches it cannot read, but what it publishes would be published.
    [InlineData(null, "https://hub.example/page", "same-site", false, true)]
    [InlineData(null, "https://hub.example/page", null, true, true)]
    [InlineData(null, "https://listed.example/page?x=1", null, true, true)]
    [InlineData(null, "https://hub.example.evil.example/", null, false, false)]
    [InlineData(null, "about:blank", null, false, false)]
    public async Task A8_CookieOfAPage_CountsOnlyFromThoseThatMay(string? origin, string? referer, string? site, bool mayPublish, bool maySubscribe)
    {
        foreach (var publishing in new[] { false, true })
        {
            await using var rig = new MercureRig();
            rig.Headers.Cookie = "__Secure-mercure_access_token=" + Draft;
            rig.Headers.Origin = origin;
            rig.Headers.Referer = referer;
            rig.Headers["Sec-Fetch-Site"] = site;

            await rig.ServeAsync(publishing);

            if (publishing ? mayPublish : maySubscribe)
            {
                Assert.NotNull(rig.Served);
            }
            else
            {
                rig.AssertRefused(403, null, Draft);
            }
        }
    }
}
