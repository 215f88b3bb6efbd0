using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.DependencyInjection;
using Spillway.Access.Tokens;

namespace Spillway.Microbenchmarks;

/// <summary>A token of some 350 bytes with three grants: verified, and remembered.</summary>
[MemoryDiagnoser]
public class TokenBenchmarks
{
    private const string Payload = """{"iss":"https://issuer.example","sub":"user-1000017","jti":"c0ffee-17","iat":1769846400,"exp":4102444800,"aud":"spillway","spillway":{"publish":["jobs/17/**"],"subscribe":["users/1000017/*","news/**"]}}""";

    private readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_769_846_400);
    private TokenValidator _forgetful = null!;
    private TokenValidator _mindful = null!;
    private byte[] _token = [];

    [Params("ES256", "ES384", "RS256", "PS256", "HS256")]
    public string Algorithm { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        SignatureAlgorithm.TryFind(Algorithm, out var algorithm);
        var maker = new KeyMaker([algorithm!]);
        var signed = $"{Base64UrlText.Encode(Encoding.ASCII.GetBytes($$"""{"alg":"{{Algorithm}}","typ":"JWT","kid":"k"}"""))}.{Base64UrlText.Encode(Encoding.ASCII.GetBytes(Payload))}";
        var (key, signature) = Sign(maker, algorithm!, Encoding.ASCII.GetBytes(signed));
        _token = Encoding.ASCII.GetBytes($"{signed}.{Base64UrlText.Encode(signature)}");
        _forgetful = Create(key, algorithm!, cacheEntries: 0);
        _mindful = Create(key, algorithm!, cacheEntries: 1_000);
    }

    [Benchmark]
    public bool Validate() => Check(_forgetful);

    [Benchmark]
    public bool ValidateCached() => Check(_mindful);

    private bool Check(TokenValidator validator) =>
        validator.Validate(_token, _now) is { IsGood: true } ? true : throw new InvalidOperationException("The token was refused.");

    private static TokenValidator Create(VerificationKey key, SignatureAlgorithm algorithm, int cacheEntries)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var issuer = new TrustedIssuer("https://issuer.example", "spillway", [algorithm], TimeSpan.FromSeconds(30), [new StaticKeys(new KeySet([key]))], new SpillwayTicketReader());
        return new TokenValidator([issuer], new TokenLimits(), cacheEntries, new TokenMetrics(meters), TimeProvider.System);
    }

    private static (VerificationKey Key, byte[] Signature) Sign(KeyMaker maker, SignatureAlgorithm algorithm, byte[] signed)
    {
        VerificationKey? key;
        switch (algorithm.Family)
        {
            case KeyFamily.Ec:
                using (var ec = ECDsa.Create(algorithm.CurveBits == 256 ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384))
                {
                    maker.TryMakeEc("k", algorithm.CurveBits, ec.ExportParameters(false).Q, null, out key, out _);
                    return (key!, ec.SignData(signed, algorithm.Hash));
                }

            case KeyFamily.Rsa:
                using (var rsa = RSA.Create(2048))
                {
                    maker.TryMakeRsa("k", rsa.ExportParameters(false), null, out key, out _);
                    return (key!, rsa.SignData(signed, algorithm.Hash, algorithm.Padding));
                }

            default:
                var secret = RandomNumberGenerator.GetBytes(64);
                maker.TryMakeSecret("k", secret, null, out key, out _);
                return (key!, CryptographicOperations.HmacData(algorithm.Hash, secret, signed));
        }
    }
}
