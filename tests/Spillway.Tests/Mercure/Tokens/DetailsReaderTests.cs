using System.Text;
using Spillway.Mercure;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure.Tokens;

/// <summary>Access tokens of draft 8: what they have to be, and what of them counts. Numbers are those of what a hub owes.</summary>
public sealed class DetailsReaderTests
{
    private const string Topic = """{"match":"a"}""";

    private static string Good => $"[{MercureTokens.Detail("\"publish\",\"subscribe\"", Topic)}]";

    [Theory]
    [InlineData("at+jwt", true)]
    [InlineData("AT+JWT", true)]
    [InlineData("application/at+jwt", true)]
    [InlineData("Application/At+Jwt", true)]
    [InlineData("JWT", false)]
    [InlineData("dpop+jwt", false)]
    [InlineData("application/application/at+jwt", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public async Task A4_Type_HasToBeThatOfAnAccessToken(string? type, bool isGood)
    {
        await using var rig = new MercureRig(static options => options.Mercure.Dialects = MercureDialects.Draft8);
        var header = type is null ? """{"alg":"ES256"}""" : $$"""{"alg":"ES256","typ":"{{type}}"}""";

        await rig.ServeAsync(MercureTokens.Draft(Good, header));

        Assert.Equal(isGood, rig.Served is not null);
        Assert.Equal(isGood ? 0 : 1, rig.Metrics.Sum("spillway.access.tokens", "header"));
    }

    [Fact]
    public async Task A5_KeysOfAnotherIssuer_VerifyNothingOfThis()
    {
        await using var rig = new MercureRig(static options => options.Access.Issuers.Add(new IssuerOptions
        {
            Issuer = "https://other.example",
            Algorithms = { "ES256" },
            Keys = { new IssuerKeyOptions { Pem = TestKeys.OtherP256.ExportSubjectPublicKeyInfoPem() } },
        }));
        var payload = MercureTokens.DraftPayload(Good).Replace(TestKeys.Issuer, "https://other.example", StringComparison.Ordinal);

        await rig.ServeAsync(MercureTokens.Draft("", payload: payload));

        rig.AssertRefused(401, "invalid_token");
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.tokens", "signature"));
    }

    [Fact]
    public async Task A6_NoExp_IsRefused()
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Draft("", payload: MercureTokens.DraftPayload($"\"{MercureTokens.Url}\"", null, $"\"authorization_details\":{Good}")));

        rig.AssertRefused(401, "invalid_token");
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.tokens", "claim"));
    }

    [Theory]
    [InlineData(1, "", "good")]
    [InlineData(0, "", "expired")] // To the second: no skew.
    [InlineData(60, "\"nbf\":31,", "not-yet-valid")]
    [InlineData(60, "\"nbf\":29,", "good")] // That of the issuer, 30 s.
    public async Task A6_Times_AreEnforced(int expiresIn, string notBefore, string result)
    {
        await using var rig = new MercureRig();
        var more = notBefore.Length == 0 ? "" : $"\"nbf\":{TokenRig.Seconds + int.Parse(notBefore[6..^1], null)},";

        await rig.ServeAsync(MercureTokens.Draft("", payload: MercureTokens.DraftPayload($"\"{MercureTokens.Url}\"", TokenRig.Seconds + expiresIn, $"{more}\"authorization_details\":{Good}")));

        Assert.Equal(1, rig.Metrics.Sum("spillway.access.tokens", result));
    }

    [Theory]
    [InlineData("\"https://hub.example/.well-known/mercure\"", true)]
    [InlineData("[\"other\",\"https://hub.example/.well-known/mercure\"]", true)]
    [InlineData("\"https://hub.example/.well-known/mercure/\"", false)]
    [InlineData("\"https://HUB.example/.well-known/mercure\"", false)]
    [InlineData("\"spillway\"", false)]
    [InlineData("[]", false)]
    [InlineData(null, false)]
    public async Task A6_Audience_HasToBeTheHub(string? audience, bool isGood)
    {
        await using var rig = new MercureRig(static options => options.Access.Issuers[0].Audience = "spillway"); // That is for the hub's own endpoints.
        var payload = audience is null ? $$"""{"iss":"{{TestKeys.Issuer}}","exp":{{TokenRig.Seconds + 60}},"authorization_details":{{Good}}}"""
            : MercureTokens.DraftPayload(audience, TokenRig.Seconds + 60, $"\"authorization_details\":{Good}");

        await rig.ServeAsync(MercureTokens.Draft("", payload: payload));

        Assert.Equal(isGood, rig.Served is not null);
    }

    [Theory]
    [InlineData("\"https://issuer.example/\"")]
    [InlineData("\"https://ISSUER.example\"")]
    [InlineData("[\"https://issuer.example\"]")]
    [InlineData(null)]
    public async Task A6_Issuer_HasToBeExact(string? issuer)
    {
        await using var rig = new MercureRig();
        var payload = MercureTokens.DraftPayload(Good).Replace($"\"iss\":\"{TestKeys.Issuer}\",", issuer is null ? "" : $"\"iss\":{issuer},", StringComparison.Ordinal);

        await rig.ServeAsync(MercureTokens.Draft("", payload: payload));

        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task A6_IssuerWithoutAName_IsNoneHere()
    {
        await using var rig = new MercureRig(static options => options.Access.Issuers[0].Issuer = null);

        await rig.ServeAsync(MercureTokens.Draft("", payload: MercureTokens.DraftPayload(Good).Replace($"\"iss\":\"{TestKeys.Issuer}\",", "", StringComparison.Ordinal)));

        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task A7_Details_GrantTheirActionsOnTheirTopics()
    {
        await using var rig = new MercureRig();
        var details = $$"""
            [{"type":"other","actions":7}, {{MercureTokens.Detail("\"publish\"", """{"match":"a"},{"match":"b","match_type":"exact"}""")}},
             {{MercureTokens.Detail("\"subscribe\",\"dance\"", """{"match":"https://example.com/books/:id","match_type":"urlpattern"}""")}}, {{MercureTokens.Detail("\"dance\"", """{"match":"*"}""")}}]
            """;

        await rig.ServeAsync(MercureTokens.Draft(details));

        var (publish, subscribe) = (rig.Served!.Publish, rig.Served.Subscribe);
        Assert.Equal((true, true, false), (publish.Allows("a"u8), publish.Allows("b"u8), publish.Allows("https://example.com/books/1"u8)));
        Assert.Equal((false, true, false), (subscribe.Allows("a"u8), subscribe.Allows("https://example.com/books/1"u8), subscribe.Allows("https://example.com/users/1"u8)));
        Assert.Equal((false, false), (publish.AllowsAll, subscribe.AllowsAll)); // An action that nobody knows grants nothing.
        Assert.Equal(["a", "b"], publish.Topics.Select(Encoding.UTF8.GetString));
        Assert.Equal(["a", "b"], publish.Matchers.Select(static matcher => matcher.Text));
        Assert.Equal(["https://example.com/books/:id"], subscribe.Patterns.Select(static pattern => pattern.Text));
    }

    [Theory]
    [InlineData("exact")]
    [InlineData("urlpattern")]
    [InlineData(null)]
    public async Task A7_Wildcard_IsEveryTopicWhateverItsType(string? type)
    {
        await using var rig = new MercureRig();
        var topic = type is null ? """{"match":"*"}""" : $$"""{"match":"*","match_type":"{{type}}"}""";

        await rig.ServeAsync(MercureTokens.Draft($"[{MercureTokens.Detail("\"subscribe\"", topic)}]"));

        Assert.Equal((true, true), (rig.Served!.Subscribe.AllowsAll, rig.Served.Subscribe.Allows("https://example.com/anything"u8)));
    }

    public static TheoryData<string> Invalid =>
    [
        """{}""", "\"text\"", "null", "7", "[7]", "[null]", "[[]]", "[\"text\"]", "[{}]", """[{"type":7}]""", """[{"type":null}]""",
        """[{"type":"https://mercure.rocks/authorization-detail"}]""",
        """[{"type":"https://mercure.rocks/authorization-detail","actions":["publish"]}]""",
        """[{"type":"https://mercure.rocks/authorization-detail","topics":[{"match":"a"}]}]""",
        """[{"type":"https://mercure.rocks/authorization-detail","actions":"publish","topics":[{"match":"a"}]}]""",
        """[{"type":"https://mercure.rocks/authorization-detail","actions":["publish"],"topics":{"match":"a"}}]""",
        $"[{MercureTokens.Detail("", Topic)}]", $"[{MercureTokens.Detail("7", Topic)}]", $"[{MercureTokens.Detail("\"publish\",null", Topic)}]", $"[{MercureTokens.Detail("\"\"", Topic)}]",
        $"[{MercureTokens.Detail("\"publish\"", "")}]", $"[{MercureTokens.Detail("\"publish\"", "\"a\"")}]", $"[{MercureTokens.Detail("\"publish\"", "{}")}]", $"[{MercureTokens.Detail("\"publish\"", "null")}]",
        $"[{MercureTokens.Detail("\"publish\"", """{"match":7}""")}]", $"[{MercureTokens.Detail("\"publish\"", """{"match":""}""")}]", $"[{MercureTokens.Detail("\"publish\"", """{"match":"a\u0007"}""")}]",
        $"[{MercureTokens.Detail("\"publish\"", """{"match":"a\u200b"}""")}]", $"[{MercureTokens.Detail("\"publish\"", """{"match":"a\ud800"}""")}]",
        $"[{MercureTokens.Detail("\"publish\"", """{"match":"a","match_type":"Exact"}""")}]", $"[{MercureTokens.Detail("\"publish\"", """{"match":"a","match_type":"regexp"}""")}]",
        $"[{MercureTokens.Detail("\"publish\"", """{"match":"a","match_type":null}""")}]", $"[{MercureTokens.Detail("\"publish\"", """{"match":"*","match_type":"uritemplate"}""")}]",
        $"[{MercureTokens.Detail("\"publish\"", """{"match":"https://example.com/(","match_type":"urlpattern"}""")}]",
        $"[{MercureTokens.Detail("\"dance\"", """{"match":7}""")}]", // Also where it would grant nothing.
    ];

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task A7_AnyInvalidDetail_RefusesTheWholeToken(string details)
    {
        await using var rig = new MercureRig();
        var all = details.StartsWith('[') ? $"[{Good[1..^1]},{details[1..^1]}]" : details; // Behind a good one: nothing is accepted in part.

        await rig.ServeAsync(MercureTokens.Draft(all));

        rig.AssertRefused(401, "invalid_token");
        Assert.Equal(1, rig.Metrics.Sum("spillway.access.tokens", "grants"));
    }

    [Theory]
    [InlineData("https://mercure.rocks/authorization-detail/")]
    [InlineData("https://Mercure.rocks/authorization-detail")]
    [InlineData("mercure")]
    public async Task A7_TypeThatIsNearlyMercures_IsAnotherType(string type)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Draft(Good.Replace("https://mercure.rocks/authorization-detail", type, StringComparison.Ordinal)));

        Assert.True(rig.Served!.Subscribe.IsEmpty && rig.Served.Publish.IsEmpty);
    }

    [Fact]
    public async Task A7_Limits_RefuseTheTokenAboveThem()
    {
        await using var rig = new MercureRig(static options => (options.Access.TokenGrants, options.Mercure.PatternBytes) = (3, 64));
        var (three, four) = (string.Join(',', Enumerable.Repeat(Topic, 3)), string.Join(',', Enumerable.Repeat(Topic, 4)));
        var (most, more) = (new string('t', 64), new string('t', 65));
        (string Details, bool IsGood)[] cases =
        [
            (MercureTokens.Detail("\"publish\"", three), true), (MercureTokens.Detail("\"publish\"", four), false),
            (string.Join(',', Enumerable.Repeat(MercureTokens.Detail("\"publish\"", Topic), 3)), true), (string.Join(',', Enumerable.Repeat(MercureTokens.Detail("\"publish\"", Topic), 4)), false),
            (MercureTokens.Detail("\"publish\"", $$"""{"match":"{{most}}"}"""), true), (MercureTokens.Detail("\"publish\"", $$"""{"match":"{{more}}"}"""), false),
            (MercureTokens.Detail("\"publish\"", $$"""{"match":"https://example.com/{{more}}","match_type":"urlpattern"}"""), false),
        ];

        foreach (var (details, isGood) in cases)
        {
            await rig.ServeAsync(MercureTokens.Draft($"[{details}]"));

            Assert.Equal(isGood ? 200 : 401, rig.Context.Response.StatusCode);
        }

        Assert.Equal(4, rig.Metrics.Sum("spillway.access.tokens", "grants"));
    }

    [Theory]
    [InlineData("mercure")]
    [InlineData("https://mercure.rocks/")]
    public async Task Claims_OfBothDialectsInOneToken_AreRefused(string claim)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Draft("", payload: MercureTokens.DraftPayload(Good, $$""" "{{claim}}":{"subscribe":["*"]} """)));
        rig.AssertRefused(401, "invalid_token");
        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, $$"""{"{{claim}}":{"subscribe":["*"]},"authorization_details":[]}"""));

        rig.AssertRefused(401, "invalid_token");
        Assert.Equal(2, rig.Metrics.Sum("spillway.access.tokens", "grants"));
    }

    [Fact]
    public async Task Payload_OfTheFirstDetailThatIsForASubscription_IsWhatItCarries()
    {
        await using var rig = new MercureRig();
        var details = $$"""
            [{{MercureTokens.Detail("\"publish\"", """{"match":"*"}""", "\"payload\":1")}}, {{MercureTokens.Detail("\"subscribe\"", Topic, """ "payload":{"x":[1, 2]}""")}},
             {{MercureTokens.Detail("\"subscribe\"", """{"match":"quiet"}""")}}, {{MercureTokens.Detail("\"subscribe\"", """{"match":"*"}""", "\"payload\":\"rest\"")}}]
            """;

        await rig.ServeAsync(MercureTokens.Draft(details));

        var grants = rig.Served!.Subscribe;
        Assert.Equal(("""{"x":[1, 2]}""", null, "\"rest\""), (grants.PayloadFor("a"u8), grants.PayloadFor("quiet"u8), grants.PayloadFor("other"u8)));
        Assert.Null(MercureGrants.None.PayloadFor("a"u8));
    }
}
