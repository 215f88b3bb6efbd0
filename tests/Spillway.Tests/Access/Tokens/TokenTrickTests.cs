using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Spillway.Access.Tokens;
using Spillway.TestKit;

namespace Spillway.Tests.Access.Tokens;

/// <summary>What is known to have fooled validators of tokens, each by its name.</summary>
public sealed class TokenTrickTests
{
    private static readonly string Good = TestKeys.Make("ES256", TokenRig.Payload());

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData("none ")]
    public void None_AnySpellingAndAnySignature_IsRefused(string name)
    {
        var header = $$"""{"alg":"{{name}}"}""";

        Assert.Equal(TokenFault.Algorithm, TokenRig.Check("ES256", TestKeys.Join(header, TokenRig.Payload(), static _ => [])).Fault);
        Assert.Equal(TokenFault.Algorithm, TokenRig.Check("ES256", TestKeys.Join(header, TokenRig.Payload(), static signed => TestKeys.Sign("ES256", signed))).Fault);
    }

    [Fact]
    public void EmptySignature_RealAlgorithms_AreRefused()
    {
        foreach (var algorithm in SignatureAlgorithm.All)
        {
            var token = TestKeys.Join($$"""{"alg":"{{algorithm}}"}""", TokenRig.Payload(), static _ => []);

            Assert.Equal(TokenFault.Signature, TokenRig.Check(algorithm.Name, token).Fault);
        }
    }

    [Fact]
    public void Confusion_PublicKeyAsSecretOfAnHmac_IsRefused()
    {
        var pem = TestKeys.Rsa.ExportSubjectPublicKeyInfoPem();
        byte[][] secrets =
        [
            Encoding.ASCII.GetBytes(pem), Encoding.ASCII.GetBytes(pem + "\n"), TestKeys.Rsa.ExportSubjectPublicKeyInfo(), TestKeys.Rsa.ExportRSAPublicKey(),
            TestKeys.Rsa.ExportParameters(false).Modulus!, Encoding.ASCII.GetBytes(TestKeys.Encode(TestKeys.Rsa.ExportParameters(false).Modulus!)),
        ];
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("RS256")));

        Assert.True(validator.Check(TestKeys.Make("RS256", TokenRig.Payload())).IsGood);
        foreach (var secret in secrets)
        {
            var token = TestKeys.Join("""{"alg":"HS256"}""", TokenRig.Payload(), signed => HMACSHA256.HashData(secret, signed));

            Assert.Equal(TokenFault.Key, validator.Check(token).Fault); // It has no secret, whatever the bytes.
        }
    }

    [Fact]
    public void Confusion_OtherAlgorithmOfTheSameFamily_OnlyAsFarAsTheKeyIsFor()
    {
        var key = TestKeys.KeyFor("RS256");
        var validator = TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, key));

        Assert.Equal(["RS256"], key.Algorithms.Select(static algorithm => algorithm.Name));
        Assert.Equal(TokenFault.Key, validator.Check(TestKeys.Make("PS256", TokenRig.Payload())).Fault);
        Assert.Equal(TokenFault.Key, validator.Check(TestKeys.Make("RS512", TokenRig.Payload())).Fault);
    }

    [Fact]
    public void AllowList_KeyWouldFitButIssuerMayNot_IsRefused()
    {
        SignatureAlgorithm.TryFind("ES256", out var only);
        var issuer = TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("RS256")) with { Algorithms = [only!] };

        Assert.Equal(TokenFault.Algorithm, TokenRig.Validator(issuer).Check(TestKeys.Make("RS256", TokenRig.Payload())).Fault);
    }

    [Fact]
    public void HeaderKeys_JwkJkuX5uX5cOfTheForger_AreNeverLookedAt()
    {
        var jwk = TestKeys.JwkOf(TestKeys.OtherP256, "mine");
        foreach (var bait in new[]
        {
            $"\"jwk\":{jwk.Replace("kid", "k", StringComparison.Ordinal)}", $"\"jwk\":{jwk},\"kid\":\"mine\"", "\"jku\":\"http://127.0.0.1:9/keys\"", "\"x5u\":\"http://127.0.0.1:9/c.pem\"", "\"x5c\":[\"MIIB\"]", "\"x5t\":\"AAAA\"",
        })
        {
            var header = $$"""{"alg":"ES256",{{bait}}}""";
            var forged = TestKeys.Join(header, TokenRig.Payload(), static signed => TestKeys.OtherP256.SignData(signed, HashAlgorithmName.SHA256));

            Assert.Equal(bait.Contains("kid", StringComparison.Ordinal) ? TokenFault.Key : TokenFault.Signature, TokenRig.Check("ES256", forged).Fault);
            Assert.True(TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload(), header)).IsGood); // Nor do they hinder who has the key.
        }
    }

    [Theory]
    [InlineData("../../dev/null")]
    [InlineData("' OR 1=1 --")]
    [InlineData("https://attacker.example/keys")]
    public void HeaderKeys_KidThatNamesSomethingElse_IsOnlyAName(string kid)
    {
        var token = TestKeys.Join($$"""{"alg":"HS256","kid":"{{kid}}"}""", TokenRig.Payload(), static signed => HMACSHA256.HashData(Array.Empty<byte>(), signed));

        Assert.Equal(TokenFault.Key, TokenRig.Validator(TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("HS256", "a"))).Check(token).Fault);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[\"exp\"]")]
    [InlineData("[\"b64\"],\"b64\":false")]
    public void Crit_Any_IsRefused(string crit) =>
        Assert.Equal(TokenFault.Header, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload(), $$"""{"alg":"ES256","crit":{{crit}}}""")).Fault);

    [Theory]
    [InlineData("""{"alg":"none","alg":"ES256"}""", null)]
    [InlineData("""{"alg":"ES256","al\u0067":"none"}""", null)] // The same name by an escape.
    [InlineData(null, """{"iss":"https://issuer.example","iss":"other"}""")]
    [InlineData(null, """{"iss":"https://issuer.example","exp":9999999999,"exp":1}""")]
    [InlineData(null, """{"iss":"https://issuer.example","spillway":{"publish":[],"publish":["**"]}}""")]
    [InlineData(null, """{"iss":"https://issuer.example","x":{"y":[{"z":1,"\u007a":2}]}}""")]
    public void Duplicates_InHeaderOrPayload_AreRefused(string? header, string? payload) =>
        Assert.Equal(TokenFault.Malformed, TokenRig.Check("ES256", TestKeys.Make("ES256", payload ?? TokenRig.Payload(), header)).Fault);

    [Fact]
    public void Nesting_Deep_IsRefused()
    {
        foreach (var depth in new[] { 8, 1_000 })
        {
            var deep = new string('[', depth) + new string(']', depth);

            Assert.Equal(TokenFault.Malformed, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload($"\"x\":{deep}"))).Fault);
            Assert.Equal(TokenFault.Malformed, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload(), $$"""{"alg":"ES256","x":{{deep}}}""")).Fault);
        }

        Assert.True(TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload("\"x\":[[[[[[[]]]]]]]"))).IsGood);
    }

    [Fact]
    public void Size_TokenOrHeaderAboveItsLimit_IsRefusedBeforeAnythingIsRead()
    {
        var limits = new TokenLimits();
        var header = $$"""{"alg":"ES256","x":"{{new string('x', limits.HeaderBytes)}}"}""";

        Assert.Equal(TokenFault.TooLarge, TokenRig.Check("ES256", new string('A', limits.TokenBytes + 1)).Fault);
        Assert.Equal(TokenFault.Malformed, TokenRig.Check("ES256", new string('A', limits.TokenBytes)).Fault);
        Assert.Equal(TokenFault.TooLarge, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload(), header)).Fault);
    }

    [Fact]
    public void Limits_GrantsAndNames_AreRefusedAboveThem()
    {
        var limits = new TokenLimits();
        var grants = string.Join(',', Enumerable.Range(0, limits.Grants + 1).Select(static i => $"\"t/{i}\""));

        Assert.Equal(TokenFault.Grants, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload($$""" "spillway":{"publish":[{{grants}}]}"""))).Fault);
        Assert.Equal(TokenFault.Claim, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload($"\"sub\":\"{new string('s', limits.NameLength + 1)}\""))).Fault);
        Assert.Equal(TokenFault.Claim, TokenRig.Check("ES256", TestKeys.Make("ES256", TokenRig.Payload($"\"jti\":\"{new string('s', limits.NameLength + 1)}\""))).Fault);
    }

    [Fact]
    public void Base64_AnySpellingButTheCanonicalOne_IsRefused()
    {
        var (bad, seen) = (0, new HashSet<char>());
        foreach (var i in new[] { 0, Good.IndexOf('.', StringComparison.Ordinal), Good.LastIndexOf('.') + 1, Good.Length })
        {
            foreach (var insert in new[] { "=", "==", " ", "\n", "\r", "\t", "+", "/", "\u0000", "%3D", "é" })
            {
                Assert.Equal(TokenFault.Malformed, TokenRig.Check("ES256", Good.Insert(i, insert)).Fault);
            }
        }

        // A signature of 64 bytes leaves four bits of its last character unused: fifteen other characters decode to the same bytes.
        foreach (var last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".Where(last => last != Good[^1]))
        {
            var fault = TokenRig.Check("ES256", Good[..^1] + last).Fault;
            bad += fault == TokenFault.Malformed ? 1 : 0;
            Assert.True(fault is TokenFault.Malformed or TokenFault.Signature && seen.Add(last));
        }

        Assert.Equal(60, bad); // Of 64 only A, Q, g and w end in four zeros.
    }

    [Fact]
    public void EcdsaShapes_DerZeroShortAndLong_AreRefused()
    {
        var signed = Good[..Good.LastIndexOf('.')];
        var right = TestKeys.P256.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        byte[][] wrong =
        [
            TestKeys.P256.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence),
            new byte[64], [.. new byte[32], .. right[32..]], [.. right[..32], .. new byte[32]], // r or s is zero (CVE-2022-21449).
            [.. order, .. right[32..]], [.. order, .. order], [.. right[..32], .. order],
            right[1..], right[..^1], [0, .. right], [.. right, 0], [.. right, .. right], [.. Enumerable.Repeat((byte)0xFF, 64)], Der(right),
        ];

        Assert.All(wrong, signature => Assert.Equal(TokenFault.Signature, TokenRig.Check("ES256", $"{signed}.{TestKeys.Encode(signature)}").Fault));
        Assert.True(TokenRig.Check("ES256", $"{signed}.{TestKeys.Encode(right)}").IsGood);
    }

    [Fact]
    public void RsaShapes_ShortLongAndZero_AreRefused()
    {
        var token = TestKeys.Make("RS256", TokenRig.Payload());
        var signed = token[..token.LastIndexOf('.')];
        var right = TestKeys.Sign("RS256", Encoding.ASCII.GetBytes(signed));
        byte[][] wrong = [new byte[256], [.. new byte[255], 1], right[1..], right[..^1], [0, .. right], [.. right, 0], TestKeys.Rsa.ExportParameters(false).Modulus!];

        Assert.All(wrong, signature => Assert.Equal(TokenFault.Signature, TokenRig.Check("RS256", $"{signed}.{TestKeys.Encode(signature)}").Fault));
    }

    [Fact]
    public void WrongIssuer_KeyOfAnother_IsRefused()
    {
        var validator = TokenRig.Validator(
            TokenRig.Issuer(TestKeys.Issuer, TestKeys.KeyFor("ES256", "k")), TokenRig.Issuer("https://other.example", TestKeys.KeyFor("RS256", "k")), TokenRig.Issuer(null, TestKeys.KeyFor("HS256", "k")));
        string[] payloads = [TokenRig.Payload(), """{"iss":"https://other.example"}""", "{}"];
        string[] algorithms = ["ES256", "RS256", "HS256"];

        for (var issuer = 0; issuer < 3; issuer++)
        {
            for (var signer = 0; signer < 3; signer++)
            {
                var result = validator.Check(TestKeys.Make(algorithms[signer], payloads[issuer], $$"""{"alg":"{{algorithms[signer]}}","kid":"k"}"""));

                Assert.Equal(issuer == signer ? TokenFault.None : TokenFault.Key, result.Fault);
            }
        }
    }

    [Theory]
    [InlineData("\"https://issuer.example/\"", TokenFault.Issuer)]
    [InlineData("\"HTTPS://issuer.example\"", TokenFault.Issuer)]
    [InlineData("[\"https://issuer.example\"]", TokenFault.Claim)]
    [InlineData("null", TokenFault.Claim)]
    public void WrongIssuer_NearlyTheName_IsRefused(string issuer, object fault) =>
        Assert.Equal(fault, TokenRig.Check("ES256", TestKeys.Make("ES256", $$"""{"iss":{{issuer}}}""")).Fault);

    [Fact]
    public void Keys_WithoutKid_AtMostSoManyAreTried()
    {
        var limits = new TokenLimits { KeysTried = 2 };
        var (wrong, right) = (OtherKey(), TestKeys.KeyFor("ES256"));

        Assert.Equal(TokenFault.None, With(wrong, right).Check(Good).Fault);
        Assert.Equal(TokenFault.Signature, With(wrong, wrong, right).Check(Good).Fault);

        TokenValidator With(params VerificationKey[] keys) => new([TokenRig.Issuer(TestKeys.Issuer, keys)], limits, 10, new TokenMetrics(new MetricCollector()), new ManualTimeProvider());
    }

    [Fact]
    public void Json_NoUtf8AndMoreBehind_IsRefused()
    {
        foreach (var payload in new byte[][] { [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'], [.. "{}{}"u8], [.. "\uFEFF{}"u8], [.. "{/**/}"u8], [.. "{\"a\":1,}"u8] })
        {
            var signed = $"{TestKeys.Encode("{\"alg\":\"ES256\"}"u8.ToArray())}.{TestKeys.Encode(payload)}";
            var token = $"{signed}.{TestKeys.Encode(TestKeys.Sign("ES256", Encoding.ASCII.GetBytes(signed)))}";

            Assert.Equal(TokenFault.Malformed, TokenRig.Validator(TokenRig.Issuer(null, TestKeys.KeyFor("ES256"))).Check(token).Fault);
        }
    }

    private static VerificationKey OtherKey()
    {
        Assert.True(new KeyMaker(SignatureAlgorithm.All).TryMakeEc(null, 256, TestKeys.OtherP256.ExportParameters(false).Q, null, out var key, out _));
        return key;
    }

    private static byte[] Der(byte[] signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(signature.AsSpan(0, 32).TrimStart((byte)0));
            writer.WriteIntegerUnsigned(signature.AsSpan(32).TrimStart((byte)0));
        }

        return writer.Encode();
    }
}
