using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Tokens;

public sealed class KeyTests
{
    private static readonly byte[] Signed = "signed"u8.ToArray();

    private readonly KeyMaker _maker = new(SignatureAlgorithm.All);

    [Theory]
    [InlineData(31, "")]
    [InlineData(32, "HS256")]
    [InlineData(47, "HS256")]
    [InlineData(48, "HS256 HS384")]
    [InlineData(64, "HS256 HS384 HS512")]
    public void TryMakeSecret_Length_DecidesTheAlgorithms(int bytes, string algorithms)
    {
        var made = _maker.TryMakeSecret(null, new byte[bytes], null, out var key, out var fault);

        Assert.Equal(algorithms.Length > 0, made);
        Assert.Equal(algorithms, made ? string.Join(' ', key!.Algorithms) : "");
        Assert.Equal(made ? "" : "is a secret of 31 bytes, and HS256 takes at least 32, HS384 48, HS512 64", fault);
        Assert.False(_maker.TryMakeSecret(null, new byte[63], "HS512", out _, out _));
    }

    [Fact]
    public void TryMakeRsa_SmallKeyOrBadExponent_IsRefused()
    {
        using var small = RSA.Create(1024);
        var good = TestKeys.Rsa.ExportParameters(false);

        Assert.False(_maker.TryMakeRsa(null, small.ExportParameters(false), null, out _, out var fault));
        Assert.Equal("is an RSA key of 1024 bits; 2048 to 8192 are taken", fault);
        foreach (var exponent in new byte[][] { [], [0], [1], [0, 1], [2], [1, 0], new byte[9] })
        {
            Assert.False(_maker.TryMakeRsa(null, new RSAParameters { Modulus = good.Modulus, Exponent = exponent }, null, out _, out _));
        }

        // 2,048 bits of which the first are zero are fewer.
        Assert.False(_maker.TryMakeRsa(null, new RSAParameters { Modulus = [0x7F, .. good.Modulus![1..]], Exponent = good.Exponent }, null, out _, out fault));
        Assert.StartsWith("is an RSA key of 2047 bits", fault, StringComparison.Ordinal);
        Assert.False(_maker.TryMakeRsa(null, new RSAParameters { Modulus = [.. Enumerable.Repeat((byte)0xFF, 1025)], Exponent = good.Exponent }, null, out _, out fault));
        Assert.StartsWith("is an RSA key of 8200 bits", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void TryMakeRsa_LeadingZeros_AreNoPartOfTheNumber()
    {
        var good = TestKeys.Rsa.ExportParameters(false);

        Assert.True(_maker.TryMakeRsa(null, new RSAParameters { Modulus = [0, .. good.Modulus!], Exponent = [0, .. good.Exponent!] }, "RS256", out var key, out var fault), fault);
        Assert.True(SignatureAlgorithm.TryFind("RS256", out var algorithm));
        Assert.True(key.Verify(algorithm, Signed, TestKeys.Sign("RS256", Signed)));
        Assert.Equal("RSA key of 2048 bits", key.Description);
    }

    [Fact]
    public void TryMakeEc_PointOffTheCurveOrOfAnotherLength_IsRefused()
    {
        var point = TestKeys.P256.ExportParameters(false).Q;
        byte[] off = [.. point.Y!];
        off[^1] ^= 1;
        ECPoint[] wrong =
        [
            new() { X = point.X, Y = off }, new() { X = point.X![1..], Y = point.Y }, new() { X = [0, .. point.X], Y = point.Y },
            new() { X = new byte[32], Y = new byte[32] }, new() { X = point.Y, Y = point.X }, default,
        ];

        Assert.All(wrong, each => Assert.False(_maker.TryMakeEc(null, 256, each, null, out _, out _)));
        Assert.False(_maker.TryMakeEc(null, 384, point, null, out _, out _));
        Assert.False(_maker.TryMakeEc(null, 256, point, "ES384", out _, out _)); // The curve decides.
        Assert.False(_maker.TryMakeEc(null, 256, point, "RS256", out _, out _));
    }

    [Theory]
    [InlineData("""{"kty":"RSA","e":"AQAB"}""", "lacks n or e in base64url")]
    [InlineData("""{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}""", "lacks a crv of P-256, P-384 or P-521, or x or y in base64url")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AA"}""", "has the kty \"OKP\"; RSA, EC and oct are known")]
    [InlineData("""{"kty":"oct"}""", "lacks k in base64url")]
    [InlineData("""{"kty":"oct","k":"AAA="}""", "lacks k in base64url")]
    [InlineData("""{"kty":"RSA","use":"enc"}""", "is not for verifying signatures, by its use or key_ops")]
    [InlineData("""{"kty":"RSA","key_ops":["encrypt"]}""", "is not for verifying signatures, by its use or key_ops")]
    [InlineData("""{"kty":"RSA","key_ops":"verify"}""", "is not for verifying signatures, by its use or key_ops")]
    [InlineData("""{"kty":"EC","d":"AA"}""", "is a private key; take its public half, and see that nobody else has read this")]
    [InlineData("""{"kty":7}""", "is no JSON object with texts for kty, kid, alg and use")]
    [InlineData("[]", "is no JSON object with texts for kty, kid, alg and use")]
    public void TryReadJwk_NoUsableKey_SaysWhy(string jwk, string fault)
    {
        using var document = JsonDocument.Parse(jwk);

        Assert.False(new JwkReader(_maker, takesSecrets: true).TryRead(document.RootElement, out _, out var found));
        Assert.Equal(fault, found);
    }

    [Fact]
    public void TryReadJwk_SecretWhereAnybodyReads_IsRefused()
    {
        using var document = JsonDocument.Parse(TokenVectors.SecretA1);

        Assert.False(new JwkReader(_maker, takesSecrets: false).TryRead(document.RootElement, out _, out var fault));
        Assert.Equal("is a secret, which nobody publishes", fault);
    }

    [Fact]
    public void TryReadPem_EachPublicForm_IsTheSameKey()
    {
        using var certificate = new CertificateRequest("CN=a", TestKeys.P256, HashAlgorithmName.SHA256).CreateSelfSigned(TokenRig.Now.AddYears(-2), TokenRig.Now.AddYears(-1));
        string[] rsa = [TestKeys.Rsa.ExportSubjectPublicKeyInfoPem(), TestKeys.Rsa.ExportRSAPublicKeyPem()];
        string[] ec = [TestKeys.P256.ExportSubjectPublicKeyInfoPem(), certificate.ExportCertificatePem()]; // Out of date: its dates say nothing here.

        Assert.All(rsa, pem => Assert.True(Verifies(pem, "RS256")));
        Assert.All(ec, pem => Assert.True(Verifies(pem, "ES256")));
    }

    [Fact]
    public void TryReadPem_PrivateOtherCurveOrBroken_SaysWhy()
    {
        using var other = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        var broken = TestKeys.P256.ExportSubjectPublicKeyInfoPem().Replace("MFkw", "MFkx", StringComparison.Ordinal);

        Assert.Equal("is a private key; take its public half (openssl pkey -in FILE -pubout)", FaultOf(TestKeys.P256.ExportPkcs8PrivateKeyPem()));
        Assert.Equal("is a private key; take its public half (openssl pkey -in FILE -pubout)", FaultOf(TestKeys.Rsa.ExportRSAPrivateKeyPem()));
        Assert.Equal("is neither an RSA key nor one on P-256, P-384 or P-521", FaultOf(other.ExportSubjectPublicKeyInfoPem()));
        Assert.Equal("is a PUBLIC KEY that cannot be read", FaultOf(broken));
        Assert.Equal("is no PEM; it begins with -----BEGIN PUBLIC KEY-----", FaultOf("secret"));
        Assert.Equal("is a X; give it a PUBLIC KEY, an RSA PUBLIC KEY or a CERTIFICATE", FaultOf("-----BEGIN X-----\nAAAA\n-----END X-----"));
    }

    [Fact]
    public void TryReadSet_UnknownKinds_ArePassedOver()
    {
        var json = $$"""{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"},7,{{TokenVectors.SecretA1}},{{TokenVectors.RsaA2}},{{TokenVectors.EcA3}}],"more":1}""";

        Assert.True(Reader().TryRead(Encoding.UTF8.GetBytes(json), out var set, out var skipped, out var fault), fault);
        Assert.Equal((2, 3), (set.Keys.Count, skipped.Count));
    }

    [Theory]
    [InlineData("""{"keys":7}""", "has keys that are no list")]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("", "is not JSON with each member once and at most 8 levels")]
    [InlineData("""{"keys":[],"keys":[]}""", "is not JSON with each member once and at most 8 levels")]
    [InlineData("""{"keys":[1,2,3]}""", "has 3 keys; at most 2 are allowed")]
    public void TryReadSet_NoSet_SaysWhy(string json, string fault)
    {
        Assert.False(Reader(most: 2).TryRead(Encoding.UTF8.GetBytes(json), out _, out _, out var found));
        Assert.Equal(fault, found);
    }

    [Fact]
    public void Find_ByKid_TakesItsKeysOrElseThoseWithoutName()
    {
        var (named, other, nameless, rsa) = (TestKeys.KeyFor("ES256", "a"), TestKeys.KeyFor("ES256", "b"), TestKeys.KeyFor("ES256"), TestKeys.KeyFor("RS256", "a"));
        var set = new KeySet([named, other, nameless, rsa]);
        Assert.True(SignatureAlgorithm.TryFind("ES256", out var algorithm));

        Assert.Equal([named], set.Find(algorithm, "a", 8));
        Assert.Equal([nameless], set.Find(algorithm, "c", 8));
        Assert.Equal([named, other, nameless], set.Find(algorithm, null, 8));
        Assert.Equal([named, other], set.Find(algorithm, null, 2));
    }

    private KeySetReader Reader(int most = 5) => new(new JwkReader(_maker, takesSecrets: false), new KeySetLimits { Keys = most });

    private bool Verifies(string pem, string name)
    {
        Assert.True(new PemReader(_maker).TryRead("k", pem, name, out var key, out var fault), fault);
        Assert.True(SignatureAlgorithm.TryFind(name, out var algorithm));
        return key.Id == "k" && key.Verify(algorithm, Signed, TestKeys.Sign(name, Signed));
    }

    private string FaultOf(string pem)
    {
        Assert.False(new PemReader(_maker).TryRead(null, pem, null, out _, out var fault));
        return fault;
    }
}
