using System.Text;
using System.Text.Json;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Tokens;

public sealed class VectorTests
{
    private static readonly DateTimeOffset InTime = DateTimeOffset.FromUnixTimeSeconds(1_300_819_380 - 1);

    [Theory]
    [InlineData(TokenVectors.TokenA1, TokenVectors.SecretA1)] // RFC 7519, 3.1, has the same token.
    [InlineData(TokenVectors.TokenA2, TokenVectors.RsaA2)]
    [InlineData(TokenVectors.TokenA3, TokenVectors.EcA3)]
    public void Validate_Rfc7515AppendixA_IsGoodInTimeAndForItsIssuer(string token, string jwk)
    {
        var validator = TokenRig.Validator(TokenRig.Issuer("joe", Read(jwk)));

        var result = validator.Check(token, InTime);

        Assert.Equal("", result.Text);
        Assert.Equal(("joe", InTime.AddSeconds(31)), (result.Ticket!.Issuer, result.Ticket.Expires));
        Assert.Equal(TokenFault.Expired, validator.Check(token).Fault);
        Assert.Equal(TokenFault.Issuer, TokenRig.Validator(TokenRig.Issuer("ann", Read(jwk))).Check(token, InTime).Fault);
    }

    [Theory]
    [InlineData(TokenVectors.TokenA4, TokenVectors.EcA4)]
    [InlineData(TokenVectors.Cookbook41, TokenVectors.RsaCookbook)]
    [InlineData(TokenVectors.Cookbook42, TokenVectors.RsaCookbook)]
    [InlineData(TokenVectors.Cookbook43, TokenVectors.EcCookbook)]
    [InlineData(TokenVectors.Cookbook44, TokenVectors.SecretCookbook)]
    public void Verify_PayloadThatIsNoJson_IsRightAsASignatureAndNoToken(string token, string jwk)
    {
        var bytes = Encoding.ASCII.GetBytes(token);
        Assert.True(CompactJws.TryParse(bytes, new TokenLimits(), out var jws, out _, out var fault), fault);
        Assert.True(SignatureAlgorithm.TryFind(jws.Header.Algorithm, out var algorithm));
        var key = Read(jwk);

        Assert.True(key.Verify(algorithm, bytes.AsSpan(0, jws.SignedLength), jws.Signature));
        Assert.False(key.Verify(algorithm, bytes.AsSpan(0, jws.SignedLength - 1), jws.Signature));
        Assert.Equal(TokenFault.Malformed, TokenRig.Validator(TokenRig.Issuer(null, key)).Check(token).Fault);
    }

    [Fact]
    public void Validate_Rfc7515AppendixA5Unsecured_IsRefused() => // RFC 7519, 6.1, too.
        Assert.Equal(TokenFault.Algorithm, TokenRig.Validator(TokenRig.Issuer("joe", Read(TokenVectors.RsaA2))).Check(TokenVectors.TokenA5, InTime).Fault);

    private static VerificationKey Read(string jwk)
    {
        using var document = JsonDocument.Parse(jwk);
        Assert.True(new JwkReader(new KeyMaker(SignatureAlgorithm.All), takesSecrets: true).TryRead(document.RootElement, out var key, out var fault), fault);
        return key;
    }
}
