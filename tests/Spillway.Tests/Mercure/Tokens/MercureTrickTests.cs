using System.Security.Cryptography;
using System.Text;
using Spillway.Tests.Access.Tokens;

namespace Spillway.Tests.Mercure.Tokens;

/// <summary>What is known to have fooled validators of tokens, tried with the two readers of Mercure: it is the validator of all tokens that judges them (A4, A5).</summary>
public sealed class MercureTrickTests
{
    private const string Classic = """{"mercure":{"subscribe":["*"]}}""";

    private static string Draft => MercureTokens.DraftPayload($"[{MercureTokens.Detail("\"subscribe\"", """{"match":"*"}""")}]");

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task A4_None_AnySpelling_IsRefused(string name)
    {
        foreach (var (type, payload) in new[] { ("JWT", Classic), ("at+jwt", Draft) })
        {
            await using var rig = new MercureRig();

            await rig.ServeAsync(TestKeys.Join($$"""{"alg":"{{name}}","typ":"{{type}}"}""", payload, static _ => "signature"u8.ToArray()));
            rig.AssertRefused(401, "invalid_token");
            await rig.ServeAsync(TestKeys.Join($$"""{"alg":"{{name}}","typ":"{{type}}"}""", payload, static _ => []));

            rig.AssertRefused(401, "invalid_token");
            Assert.Equal(2, rig.Metrics.Sum("spillway.access.tokens", "algorithm"));
        }
    }

    [Fact]
    public async Task A4_Confusion_PublicKeyOfTheIssuerAsSecret_IsRefused()
    {
        await using var rig = new MercureRig();
        byte[][] secrets = [Encoding.ASCII.GetBytes(TestKeys.P256.ExportSubjectPublicKeyInfoPem()), TestKeys.P256.ExportSubjectPublicKeyInfo(), TestKeys.P256.ExportParameters(false).Q.X!];

        foreach (var secret in secrets)
        {
            await rig.ServeAsync(TestKeys.Join("""{"alg":"HS256","typ":"at+jwt"}""", Draft, signed => HMACSHA256.HashData(secret, signed)));

            rig.AssertRefused(401, "invalid_token");
        }

        Assert.Equal(secrets.Length, rig.Metrics.Sum("spillway.access.tokens", "algorithm"));
    }

    [Fact]
    public async Task A5_Confusion_KeyOfOneDialectForTheOther_IsRefused()
    {
        await using var rig = new MercureRig();
        var sharedForDraft = TestKeys.Join("""{"alg":"HS256","typ":"at+jwt"}""", Draft, static signed => HMACSHA256.HashData(Encoding.UTF8.GetBytes(MercureTokens.SubscriberKey), signed));
        var issuersForClassic = TestKeys.Make("ES256", Classic, """{"alg":"ES256","typ":"JWT"}""");

        foreach (var token in new[] { sharedForDraft, issuersForClassic })
        {
            await rig.ServeAsync(token);

            rig.AssertRefused(401, "invalid_token", token);
        }
    }

    [Fact]
    public async Task A5_HeaderKeys_JwkJkuX5u_AreNeverLookedAt()
    {
        await using var rig = new MercureRig();
        var jwk = TestKeys.JwkOf(TestKeys.OtherP256, "mine");
        foreach (var bait in new[] { $"\"jwk\":{jwk}", $"\"jwk\":{jwk},\"kid\":\"mine\"", "\"jku\":\"http://127.0.0.1:9/keys\"", "\"x5u\":\"http://127.0.0.1:9/c.pem\"", "\"x5c\":[\"MIIB\"]" })
        {
            var header = $$"""{"alg":"ES256","typ":"at+jwt",{{bait}}}""";

            await rig.ServeAsync(TestKeys.Join(header, Draft, static signed => TestKeys.OtherP256.SignData(signed, HashAlgorithmName.SHA256)));
            rig.AssertRefused(401, "invalid_token");
            await rig.ServeAsync(TestKeys.Make("ES256", Draft, header));

            Assert.NotNull(rig.Served); // Nor do they hinder who has the key.
        }
    }

    [Theory]
    [InlineData("""{"alg":"HS256","crit":["exp"]}""", Classic)]
    [InlineData("""{"alg":"HS256","alg":"none"}""", Classic)]
    [InlineData("""{"alg":"HS384"}""", Classic)]
    [InlineData("""{"alg":"HS256"}""", """{"mercure":{"subscribe":["a"]},"mercure":{"subscribe":["*"]}}""")]
    [InlineData("""{"alg":"HS256"}""", """{"mercure":{"subscribe":["a"],"subscr\u0069be":["*"]}}""")]
    public async Task A4_HeadersAndDuplicates_AreRefused(string header, string claims)
    {
        await using var rig = new MercureRig();

        await rig.ServeAsync(MercureTokens.Classic(MercureTokens.SubscriberKey, claims, header));

        rig.AssertRefused(401, "invalid_token");
    }

    [Fact]
    public async Task Edits_AtRandom_NeverLetInNorThrow()
    {
        await using var rig = new MercureRig();
        var random = new Random(20261122);
        string[] tokens = [MercureTokens.Draft("", payload: Draft), MercureTokens.Subscriber()];
        var refused = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var token = tokens[round % 2].ToCharArray();
            var at = random.Next(token.Length);
            var other = (char)random.Next('!', '~' + 1);
            if (token[at] == other)
            {
                continue;
            }

            token[at] = other;
            await rig.ServeAsync(new string(token));

            Assert.Null(rig.Served);
            refused++;
        }

        Assert.True(refused > 1_900);
    }

    [Fact]
    public async Task Claims_AtRandom_NeverThrow()
    {
        await using var rig = new MercureRig();
        var random = new Random(8);
        var (good, refused) = (0, 0);
        for (var round = 0; round < 2_000; round++)
        {
            var claim = $"{{\"mercure\":{{\"subscribe\":{Value(random, 0)}}}}}";
            var details = MercureTokens.DraftPayload(random.Next(3) == 0 ? Value(random, 0) : $"[{MercureTokens.Detail(Value(random, 1), $"{{\"match\":{Value(random, 2)}}}")}]");

            await rig.ServeAsync(round % 2 == 0 ? MercureTokens.Classic(MercureTokens.SubscriberKey, claim) : MercureTokens.Draft("", payload: details));

            Assert.True(rig.Context.Response.StatusCode is 200 or 401);
            (good, refused) = rig.Served is null ? (good, refused + 1) : (good + 1, refused);
        }

        Assert.True(good > 50 && refused > 50, $"{good} good, {refused} refused");
    }

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 6 : 9) switch
    {
        0 => "null",
        1 => "7",
        2 => "\"*\"",
        3 => "\"a{b}\"",
        4 => "\"https://example.com/:id\"",
        5 => "\"subscribe\"",
        6 => "[]",
        7 => $"[{Value(random, depth + 1)},{Value(random, depth + 1)}]",
        _ => $"{{\"match\":{Value(random, depth + 1)}}}",
    };
}
