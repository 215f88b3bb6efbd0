using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Tokens;

/// <summary>Changed tokens never validate, and nothing throws. A failure names the seed; <c>SPILLWAY_TEST_SCALE=all</c> runs many more.</summary>
public sealed class TokenFuzzTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\u0000{}\"";

    private static readonly int Cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 200_000 : 3_000;

    private static readonly string[] Names = ["HS256", "HS512", "RS256", "PS384", "ES256", "ES512"];

    [Fact]
    public void Validate_RandomEditsOfGoodTokens_NeverIsGoodNorThrows()
    {
        var tokens = Names.Select(static name => TestKeys.Make(name, TokenRig.Payload(""" "sub":"ann","spillway":{"subscribe":["a/**"]}"""))).ToArray();
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, [.. Names.Select(static name => TestKeys.KeyFor(name))]));
        var counts = new Dictionary<TokenFault, int>();
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var token = tokens[seed % tokens.Length];
            var edited = Edit(Encoding.ASCII.GetBytes(token), random);
            if (edited.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(token)))
            {
                continue;
            }

            var result = validator.Validate(edited, TokenRig.Now);

            Assert.False(result.IsGood, $"seed {seed}");
            counts[result.Fault] = counts.GetValueOrDefault(result.Fault) + 1;
        }

        Assert.True(counts[TokenFault.Signature] > Cases / 20 && counts[TokenFault.Malformed] > Cases / 20, string.Join(", ", counts));
        Assert.All(tokens, token => Assert.True(validator.Check(token).IsGood));
    }

    [Fact]
    public void Validate_RandomClaimsProperlySigned_NeverThrowsAndGrantsOnlyWhatIsThere()
    {
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("HS256")));
        var good = 0;
        for (var seed = 0; seed < Cases; seed++)
        {
            var random = new Random(seed);
            var payload = RandomPayload(random);

            var result = validator.Check(TestKeys.Make("HS256", payload.ToJsonString()));

            good += result.IsGood ? 1 : 0;
            Assert.True(!result.IsGood || payload["spillway"] is not JsonObject { Count: > 0 } own || AreGrantsOf(own, result.Ticket.Publish.Texts), $"seed {seed}");
            Assert.True(result.IsGood == (result.Text.Length == 0), $"seed {seed}");
            Assert.True(result.Text.All(static c => c is >= ' ' and < (char)0x7F or > (char)0x7F), $"seed {seed}: {result.Text}");
        }

        Assert.True(good > Cases / 50, $"{good} of {Cases} are good");
    }

    [Fact]
    public void TryRead_RandomEditsOfKeySets_NeverThrows()
    {
        var set = $$"""{"keys":[{{TokenVectors.RsaA2}},{{TokenVectors.EcA3}},{{TokenVectors.EcA4}},{{TokenVectors.SecretA1}},{{TokenVectors.EcCookbook}}]}""";
        var reader = new KeySetReader(new JwkReader(new KeyMaker(SignatureAlgorithm.All), takesSecrets: true), new KeySetLimits());
        var read = 0;
        for (var seed = 0; seed < Cases / 3; seed++)
        {
            read += reader.TryRead(Edit(Encoding.ASCII.GetBytes(set), new Random(seed)), out _, out _, out _) ? 1 : 0;
        }

        Assert.InRange(read, 1, Cases / 3);
    }

    private static byte[] Edit(byte[] source, Random random)
    {
        var bytes = source.ToList();
        for (var edits = random.Next(1, 4); edits > 0 && bytes.Count > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 2:
                    bytes.Insert(at, (byte)Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 3:
                    bytes.RemoveAt(at);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    (bytes[at], bytes[^1]) = (bytes[^1], bytes[at]);
                    break;
                default:
                    bytes[at] = (byte)Alphabet[random.Next(64)]; // Stays base64url, so that it gets further.
                    break;
            }
        }

        return [.. bytes];
    }

    private static JsonObject RandomPayload(Random random)
    {
        var payload = new JsonObject { ["iss"] = TestKeys.Issuer };
        foreach (var name in new[] { "exp", "nbf", "iat", "aud", "sub", "jti", "spillway", "other" })
        {
            if (random.Next(3) == 0)
            {
                payload[name] = name == "spillway" && random.Next(4) > 0 ? RandomGrants(random) : RandomValue(random, 3);
            }
        }

        return payload;
    }

    private static JsonObject RandomGrants(Random random)
    {
        var grants = new JsonObject();
        foreach (var name in new[] { "publish", "subscribe", "admin", "address", "client" })
        {
            if (random.Next(3) == 0)
            {
                grants[name] = random.Next(3) == 0 ? RandomValue(random, 2) : name switch
                {
                    "admin" => true,
                    "address" => "192.0.2.0/24",
                    "client" => "c",
                    _ => new JsonArray(random.Next(3) == 0 ? "a/**" : "b", random.Next(5) == 0 ? "\u0007\u001b" : "b"),
                };
            }
        }

        return grants;
    }

    private static JsonNode? RandomValue(Random random, int depth) => random.Next(depth > 0 ? 9 : 7) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => TokenRig.Seconds + random.Next(-100, 100),
        3 => random.NextDouble() * 1e13,
        4 => (random.NextDouble() - 0.5) * 1e300,
        5 => "\u0007\u001b[2J\ud83d\ude00",
        6 => new string('x', random.Next(400)),
        7 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))]),
        _ => new JsonObject([.. Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create($"m{i}", RandomValue(random, depth - 1)))]),
    };

    private static bool AreGrantsOf(JsonObject own, IEnumerable<string> texts) =>
        texts.All(text => own["publish"] is JsonArray list && list.Any(each => each?.GetValueKind() == JsonValueKind.String && each.GetValue<string>() == text));
}
