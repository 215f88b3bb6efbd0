using System.Net;
using Spillway.Access;
using Spillway.Tests.Access.Tokens;
using Spillway.Tests.Client;

namespace Spillway.Tests.Access;

/// <summary>What a request has to present, and what it is told.</summary>
public sealed class AccessGateTests
{
    [Fact]
    public async Task ServeAsync_OpenHub_LooksAtNothing()
    {
        await using var rig = new GateRig(static access => access.Mode = AccessMode.Open);
        rig.Context.Request.QueryString = new("?token=x");

        await rig.ServeAsync("Bearer nonsense");

        Assert.Same(AccessTicket.Everything, rig.Served);
        Assert.True(rig.IsHandedOn);
    }

    [Fact]
    public async Task ServeAsync_NoCredential_IsChallengedAndNothingElse()
    {
        await using var rig = new GateRig();

        await rig.ServeAsync();

        rig.AssertRefused(401, "no-credential", "no-credential", "");
    }

    [Fact]
    public async Task ServeAsync_NoCredentialWhereAnybodyHasGrants_HandsThoseOn()
    {
        await using var rig = new GateRig(static access => access.Anonymous.Subscribe.Add("news/*"));

        await rig.ServeAsync();

        Assert.Equal((true, false, false), (rig.Served!.Subscribe.Allows("news/1"u8), rig.Served.Subscribe.Allows("jobs"u8), rig.Served.Publish.Allows("news/1"u8)));
        Assert.False(rig.Served.Admin);
    }

    [Theory]
    [InlineData("Bearer ")]
    [InlineData("bearer ")]
    [InlineData("BEARER   ")]
    [InlineData("cookie")]
    public async Task ServeAsync_GoodToken_HandsItsGrantsOnWithoutAFrameOfItsOwn(string way)
    {
        await using var rig = new GateRig();
        var token = GateRig.Token("""
            "sub":"ann","spillway":{"subscribe":["a"],"publish":["b"]}
            """);
        if (way == "cookie")
        {
            rig.Headers.Cookie = $"other=1; spillway-token={token};x=2";
            await rig.ServeAsync();
        }
        else
        {
            await rig.ServeAsync(way + token);
        }

        Assert.Equal("ann", rig.Served?.Subject);
        Assert.Equal((true, true, false), (rig.Served!.Subscribe.Allows("a"u8), rig.Served.Publish.Allows("b"u8), rig.Served.Subscribe.Allows("b"u8)));
        Assert.True(rig.IsHandedOn);
    }

    [Fact]
    public async Task ServeAsync_KeysHaveToBeLookedFor_HandsOnBehindThat()
    {
        var answers = new TaskCompletionSource();
        await using var issuer = new FakeHub(async exchange =>
        {
            await answers.Task; // Not before the gate has to wait.
            await exchange.AnswerAsync("200 OK", $$"""{"keys":[{{TestKeys.JwkOf(TestKeys.P256, "1")}}]}""");
        });
        await using var rig = new GateRig(access => access.Issuers.Add(new IssuerOptions { Issuer = "https://other.example", Algorithms = { "ES256" }, JwksUrl = issuer.Address.ToString() }));

        var serving = rig.ServeAsync("Bearer " + TestKeys.Make("ES256", TokenRig.Payload().Replace(TestKeys.Issuer, "https://other.example", StringComparison.Ordinal)));
        answers.SetResult();
        await serving;

        Assert.Equal("https://other.example", rig.Served?.Issuer);
        Assert.False(rig.IsHandedOn);
    }

    public static TheoryData<string, string> Invalid => new()
    {
        { "Bearer x.y.z-secret", "invalid-token" },
        { "Bearer " + GateRig.Token(secret: new string('y', 32)), "invalid-token" },
        { "Bearer " + GateRig.Token() + " " + GateRig.Token(), "invalid-token" },
        { "Bearer spk_ffffffffffffffffffffffffffffffff", "unknown-key" },
        { "Bearer " + GateRig.Key[..^1], "unknown-key" },
        { "Bearer " + GateRig.Key + "0", "unknown-key" },
        { "Basic c2VjcmV0OnNlY3JldA==", "not-bearer" },
        { "x.y.z-secret", "not-bearer" },
        { "Bearer", "not-bearer" },
        { "Bearer   ", "not-bearer" },
        { "", "not-bearer" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task ServeAsync_Invalid_Is401AlsoWhereAnybodyHasGrants(string authorization, string reason)
    {
        await using var rig = new GateRig(static access => access.Anonymous.Subscribe.Add("**"));

        await rig.ServeAsync(authorization);

        rig.AssertRefused(401, "invalid-token", reason, "invalid_token", authorization.Length > "Bearer".Length ? authorization.Split(' ')[^1] : "");
    }

    [Fact]
    public async Task ServeAsync_TokenHasExpired_Is401AtTheEndOfItsSkew()
    {
        await using var rig = new GateRig();
        var token = GateRig.Token();
        rig.Clock.Advance(TimeSpan.FromSeconds(60 + 30) - TimeSpan.FromMilliseconds(1));
        await rig.ServeAsync("Bearer " + token);
        Assert.NotNull(rig.Served);
        await using var late = new GateRig();
        late.Clock.Advance(TimeSpan.FromSeconds(60 + 30));

        await late.ServeAsync("Bearer " + token);

        late.AssertRefused(401, "invalid-token", "expired", "invalid_token", token);
    }

    [Fact]
    public async Task ServeAsync_ApiKey_HasItsGrantsUntilItExpires()
    {
        await using var billing = new GateRig();
        await billing.ServeAsync("Bearer " + GateRig.Key);
        await using var late = new GateRig();
        late.Clock.Advance(TimeSpan.FromHours(1));

        await late.ServeAsync("Bearer " + GateRig.OperatorKey);

        Assert.Equal(("billing", true, false, false), (billing.Served!.Subject, billing.Served.Publish.Allows("invoices/1"u8), billing.Served.Subscribe.Allows("invoices/1"u8), billing.Served.Admin));
        Assert.True(billing.IsHandedOn);
        late.AssertRefused(401, "invalid-token", "expired", "invalid_token", GateRig.OperatorKey);
        Assert.Contains("good until 2026-01-31T09:00:00Z.", late.Answer, StringComparison.Ordinal); // Configured with an offset of two hours.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ServeAsync_HeaderAndCookie_TheHeaderCounts(bool isGood)
    {
        await using var rig = new GateRig();
        rig.Headers.Cookie = $"spillway-token={GateRig.Token("\"sub\":\"cookie\"")}";

        await rig.ServeAsync(isGood ? "Bearer " + GateRig.Token("\"sub\":\"header\"") : "Bearer nonsense");

        Assert.Equal(isGood ? "header" : null, rig.Served?.Subject);
        Assert.Equal(isGood ? 200 : 401, rig.Status);
    }

    [Fact]
    public async Task ServeAsync_TwoHeaders_Is400()
    {
        await using var rig = new GateRig();
        var token = GateRig.Token();
        rig.Headers.Authorization = new([$"Bearer {token}", $"Bearer {token}"]);

        await rig.ServeAsync();

        rig.AssertRefused(400, "two-credentials", "two-credentials", "invalid_request", token);
    }

    [Theory]
    [InlineData("spillway-token=TOKEN; spillway-token=TOKEN", 400)]
    [InlineData("spillway-token=TOKEN; spillway-token=; a=spillway-token=1", 400)] // Emptied and given: which one counts?
    [InlineData("spillway-token=; a=b", 401)]
    [InlineData("Spillway-Token=TOKEN; spillway-tokens=TOKEN; xspillway-token=TOKEN; spillway-token", 401)]
    public async Task ServeAsync_TwoCookies_OrNone_AreToldApart(string cookies, int status)
    {
        await using var rig = new GateRig();
        var token = GateRig.Token();
        rig.Headers.Cookie = cookies.Replace("TOKEN", token, StringComparison.Ordinal);

        await rig.ServeAsync();

        rig.AssertRefused(status, status == 400 ? "two-credentials" : "no-credential", status == 400 ? "two-credentials" : "no-credential", status == 400 ? "invalid_request" : "", token);
    }

    [Fact]
    public async Task ServeAsync_CookiesAreOff_NoneIsLookedAt()
    {
        await using var rig = new GateRig(static access => access.Cookie = "");
        rig.Headers.Cookie = $"spillway-token={GateRig.Token()}; ={GateRig.Token()}";

        await rig.ServeAsync();

        rig.AssertRefused(401, "no-credential", "no-credential", "");
    }

    [Theory]
    [InlineData("?access_token=a-secret")]
    [InlineData("?topic=a&TOKEN=a-secret")]
    [InlineData("?topic=a&authorization=Bearer%20a-secret")]
    [InlineData("?%74oken=a-secret&topic=a")]
    public async Task ServeAsync_InUrl_Is400ThatDoesNotRepeatIt(string query)
    {
        await using var rig = new GateRig();
        rig.Context.Request.QueryString = new(query);

        await rig.ServeAsync("Bearer " + GateRig.Token());

        rig.AssertRefused(400, "credential-in-url", "in-url", "invalid_request", "a-secret");
    }

    [Theory]
    [InlineData("https://evil.example", null, false)]
    [InlineData("null", null, false)]
    [InlineData("https://hub.example.evil.example", null, false)]
    [InlineData("https://hub.example:8443", "cross-site", false)]
    [InlineData("https://a.hub.example", "same-site", false)]
    [InlineData("https://hub.example", null, true)]
    [InlineData("http://HUB.example", null, true)]
    [InlineData("https://public.example", "same-origin", true)] // Behind a proxy that says another Host.
    [InlineData(null, null, true)]
    [InlineData(null, "none", true)]
    public async Task ServeAsync_ForeignOrigin_MayNotUseTheCookie(string? origin, string? site, bool isGood)
    {
        await using var rig = new GateRig();
        rig.Headers.Cookie = $"spillway-token={GateRig.Token()}";
        if (origin is not null)
        {
            rig.Headers.Origin = origin;
        }

        if (site is not null)
        {
            rig.Headers["Sec-Fetch-Site"] = site;
        }

        await rig.ServeAsync();

        Assert.Equal((isGood, isGood ? 200 : 403), (rig.Served is not null, rig.Status));
        Assert.Equal(isGood ? 0 : 1, rig.Metrics.Sum("spillway.access.refused_requests", "foreign-origin"));
    }

    [Fact]
    public async Task ServeAsync_ForeignOriginWithAHeader_IsServed()
    {
        await using var rig = new GateRig();
        rig.Headers.Origin = "https://evil.example"; // No page can have got this header by a cookie.

        await rig.ServeAsync("Bearer " + GateRig.Token());

        Assert.NotNull(rig.Served);
    }

    [Theory]
    [InlineData("\"address\":\"192.0.2.0/24\"", "192.0.2.7", "", true)]
    [InlineData("\"address\":\"192.0.2.0/24\"", "::ffff:192.0.2.7", "", true)]
    [InlineData("\"address\":\"192.0.2.0/24\"", "192.0.3.7", "", false)]
    [InlineData("\"address\":\"192.0.2.0/24\"", null, "", false)]
    [InlineData("\"client\":\"kiosk-7\"", "192.0.2.7", "kiosk-7", true)]
    [InlineData("\"client\":\"kiosk-7\"", "192.0.2.7", "KIOSK-7", false)]
    [InlineData("\"client\":\"kiosk-7\"", "192.0.2.7", "", false)]
    public async Task ServeAsync_Bound_IsGoodThereOnly(string binding, string? address, string client, bool isGood)
    {
        await using var rig = new GateRig();
        rig.Context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        rig.Headers["Spillway-Client"] = client;
        var token = GateRig.Token($$"""
            "sub":"ann","spillway":{ {{binding}} }
            """);

        await rig.ServeAsync("Bearer " + token);

        if (isGood)
        {
            Assert.Equal("ann", rig.Served?.Subject);
            return;
        }

        rig.AssertRefused(401, "invalid-token", "bound", "invalid_token", token);
        Assert.Contains(rig.Logs.Lines, static line => line.Text.Contains("ann", StringComparison.Ordinal)); // Whose it is, is known.
    }

    [Theory]
    [InlineData("Bearer " + GateRig.OperatorKey, 200)]
    [InlineData("Bearer " + GateRig.Key, 403)]
    [InlineData("Bearer nonsense", 401)]
    public async Task ServeAdminAsync_WithAndWithoutTheGrant_ServesOperatorsAlone(string authorization, int status)
    {
        await using var rig = new GateRig(static access => access.Anonymous.Subscribe.Add("**"));
        rig.Headers.Authorization = authorization;

        await rig.ServeAsync(admin: true);

        Assert.Equal((status, status == 200), (rig.Status, rig.Served is not null));
        Assert.Equal(status == 403 ? 1 : 0, rig.Metrics.Sum("spillway.access.refused_requests", "not-admin"));
    }
}
