using System.Net;
using System.Text;
using Spillway.Access.Tokens;
using Spillway.TestKit;

namespace Spillway.Tests.Access.Tokens;

public sealed class ValidationTests
{
    public static TheoryData<string> Algorithms { get; } = [.. SignatureAlgorithm.All.Select(static algorithm => algorithm.Name)];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Validate_EachAlgorithm_TellsWhatTheTokenGrants(string algorithm)
    {
        var payload = TokenRig.Payload(
            """ "sub":"ann","jti":"t-1","spillway":{"publish":["jobs/**"],"subscribe":["news/*","a"],"admin":true,"address":"192.0.2.0/24","client":"kiosk"}""");

        var result = TokenRig.Check(algorithm, TestKeys.Make(algorithm, payload));

        Assert.Equal("", result.Text);
        var ticket = result.Ticket!;
        Assert.Equal(("ann", "t-1", TestKeys.Issuer), (ticket.Subject, ticket.TokenId, ticket.Issuer));
        Assert.Equal(["jobs/**"], ticket.Publish.Texts);
        Assert.Equal(["a", "news/*"], ticket.Subscribe.Texts);
        Assert.Equal((true, IPNetwork.Parse("192.0.2.0/24"), "kiosk"), (ticket.Admin, ticket.Address!.Value, ticket.ClientId));
        Assert.Equal(TokenRig.Now.AddSeconds(90), ticket.Expires); // The skew included.
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Validate_AnotherAlgorithmsSignature_IsRefused(string algorithm)
    {
        foreach (var other in SignatureAlgorithm.All.Where(other => other.Name != algorithm))
        {
            var token = TestKeys.Make(other.Name, TokenRig.Payload(), $$"""{"alg":"{{algorithm}}"}""");

            Assert.Equal(TokenFault.Signature, TokenRig.Check(algorithm, token).Fault);
        }
    }

    [Theory]
    [InlineData("", "The token has 1 parts; a signed one has three, divided by dots.")]
    [InlineData("a.b", "The token has 2 parts; a signed one has three, divided by dots.")]
    [InlineData("a.b.c.d", "The token has 4 parts; a signed one has three, divided by dots.")]
    [InlineData("a.b.c.d.e", "The token has five parts, so it is encrypted; only signed ones, of three parts, are taken.")]
    [InlineData("..", "The token's header is not JSON with each member once and at most 8 levels.")]
    public void Validate_NoCompactJws_SaysWhy(string token, string text)
    {
        var result = TokenRig.Check("ES256", token);

        Assert.Equal((TokenFault.Malformed, text), (result.Fault, result.Text));
    }

    [Theory]
    [InlineData("""{"typ":"JWT"}""", TokenFault.Malformed)]
    [InlineData("""{"alg":7}""", TokenFault.Malformed)]
    [InlineData("""["ES256"]""", TokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","kid":7}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","typ":null}""", TokenFault.Malformed)]
    [InlineData("""{"alg":"ES256","typ":"JWE"}""", TokenFault.Header)]
    [InlineData("""{"alg":"ES256","typ":"dpop+jwt"}""", TokenFault.Header)]
    [InlineData("""{"alg":"es256"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"ES256K"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"EdDSA"}""", TokenFault.Algorithm)]
    [InlineData("""{"alg":"ES384"}""", TokenFault.Key)]
    [InlineData("""{"alg":"ES256","typ":"at+jwt"}""", TokenFault.None)]
    [InlineData("""{"alg":"ES256","typ":"application/AT+JWT"}""", TokenFault.None)]
    [InlineData("""{"alg":"ES256","cty":"x","x":[[1]]}""", TokenFault.None)]
    public void Validate_Header_IsJudged(string header, object fault) => Assert.Equal(fault, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload(), header)).Fault);

    [Theory]
    [InlineData("aud", TokenFault.None, null, null)]
    [InlineData("aud", TokenFault.None, "here", "\"here\"")]
    [InlineData("aud", TokenFault.None, "here", """["there","here"]""")]
    [InlineData("aud", TokenFault.Audience, "here", null)]
    [InlineData("aud", TokenFault.Audience, "here", "\"HERE\"")]
    [InlineData("aud", TokenFault.Audience, "here", """["there"]""")]
    [InlineData("aud", TokenFault.Audience, null, "\"there\"")]
    [InlineData("aud", TokenFault.Claim, "here", "[]")]
    [InlineData("aud", TokenFault.Claim, null, "[]")]
    [InlineData("aud", TokenFault.Claim, "here", """["here",7]""")]
    [InlineData("aud", TokenFault.Claim, "here", "null")]
    public void Validate_Audience_HasToBeOurs(string claim, object fault, string? audience, string? value)
    {
        var issuer = TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("ES256")) with { Audience = audience };
        var token = TestKeys.Make("ES256", TokenRig.Payload(value is null ? "" : $"\"{claim}\":{value}"));

        Assert.Equal(fault, TokenRig.Validator(issuer).Check(token).Fault);
    }

    [Theory]
    [InlineData("exp", 29.5, TokenFault.None)] // Of 30 s of skew, ago.
    [InlineData("exp", 30, TokenFault.Expired)]
    [InlineData("nbf", -30, TokenFault.None)]
    [InlineData("nbf", -30.5, TokenFault.NotYetValid)]
    [InlineData("iat", -30, TokenFault.None)]
    [InlineData("iat", -31, TokenFault.NotYetValid)]
    public void Validate_TimeAtTheSkew_IsJudgedToTheFraction(string claim, double secondsAgo, object fault)
    {
        var payload = FormattableString.Invariant($$"""{"iss":"{{TestKeys.Issuer}}","{{claim}}":{{TokenRig.Seconds - secondsAgo:R}}}""");

        Assert.Equal(fault, TokenRig.Check("ES256", TestKeys.Make("ES256", payload)).Fault);
    }

    [Theory]
    [InlineData("exp", "\"1900000000\"")]
    [InlineData("exp", "null")]
    [InlineData("exp", "-1")]
    [InlineData("exp", "1e400")]
    [InlineData("exp", "1900000000000")] // Milliseconds.
    [InlineData("nbf", "true")]
    [InlineData("iat", "[]")]
    [InlineData("sub", "7")]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", "\"\\ud800\"")] // Half of a surrogate pair.
    [InlineData("jti", "{}")]
    public void Validate_ClaimOfAnotherForm_IsRefused(string claim, string value)
    {
        var payload = $$"""{"iss":"{{TestKeys.Issuer}}","{{claim}}":{{value}}}""";

        Assert.Equal(TokenFault.Claim, TokenRig.Check("ES256", TestKeys.Make("ES256", payload)).Fault);
    }

    [Theory]
    [InlineData("[]", "The token's spillway is not a JSON object.")]
    [InlineData("""{"subscribe":"a"}""", "The token's spillway.subscribe is not a list of topics and patterns.")]
    [InlineData("""{"publish":["a",7]}""", "The token's spillway.publish is not a list of topics and patterns.")]
    [InlineData("""{"publish":["**/a"]}""", "The token's spillway.publish cannot be used. The grant \"**/a\" has \"**\" before its end; it may only be the last segment.")]
    [InlineData("""{"subscirbe":["a"]}""", "The token's spillway has \"subscirbe\", which is not known; it may have publish, subscribe, admin, address, client.")]
    [InlineData("""{"admin":"true"}""", "The token's spillway.admin is neither true nor false.")]
    [InlineData("""{"address":"127.1"}""", "The token's spillway.address is no IP address, nor a network like 192.0.2.0/24.")]
    [InlineData("""{"address":"192.0.2.1/24"}""", "The token's spillway.address is no IP address, nor a network like 192.0.2.0/24.")]
    [InlineData("""{"client":""}""", "The token's spillway.client is not a text of 1 to 256 characters.")]
    public void Validate_GrantsOfAnotherForm_AreRefusedWhole(string claim, string text)
    {
        var result = TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload($"\"spillway\":{claim}")));

        Assert.Equal((TokenFault.Grants, text), (result.Fault, result.Text));
    }

    [Fact]
    public void Validate_NoSpillwayClaim_GrantsNothing()
    {
        var ticket = TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload())).Ticket!;

        Assert.True(ticket.Publish.IsEmpty && ticket.Subscribe.IsEmpty && !ticket.Admin);
    }

    [Theory]
    [InlineData("ES256")]
    [InlineData("PS256")]
    [InlineData("HS256")]
    public async Task Validate_ManyThreadsWithOneKey_AllAreRight(string algorithm)
    {
        var good = Enumerable.Range(0, 50).Select(i => TestKeys.Make(algorithm, TokenRig.Payload($"\"sub\":\"{i}\""))).ToArray();
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor(algorithm)));
        using var start = new Barrier(4);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait(TestContext.Current.CancellationToken);
            for (var i = 0; i < 200; i++)
            {
                var (own, other) = (good[(i + thread) % 50], good[i % 49 == 0 ? 49 : 0]);
                Assert.Equal($"{(i + thread) % 50}", validator.Check(own).Ticket?.Subject);
                Assert.Equal(own == other, validator.Check(own[..own.LastIndexOf('.')] + other[other.LastIndexOf('.')..]).IsGood);
            }
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
    }

    [Fact]
    public async Task ValidateAsync_ManyTokens_AreCountedByResult()
    {
        using var metrics = new MetricCollector();
        await using var validator = TokenRig.Validator(metrics, TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("ES256")));
        var good = TestKeys.Make("ES256", TokenRig.Payload());

        foreach (var token in new[] { good, good, good + "A", "x", TestKeys.Make("ES256", """{"iss":"x"}""") })
        {
            await validator.ValidateAsync(Encoding.ASCII.GetBytes(token), TestContext.Current.CancellationToken);
        }

        foreach (var result in new[] { "good", "cached", "signature", "malformed", "issuer" })
        {
            Assert.Equal(1, metrics.Sum("spillway.access.tokens", result));
        }
    }
}
