using System.Security.Cryptography;
using System.Text;
using Spillway.Access.Tokens;

namespace Spillway.Tests.Access.Tokens;

/// <summary>Keys that are made once a run, and compact tokens of any header and payload. It shares no code with what it tests.</summary>
internal static class TestKeys
{
    public const string Issuer = "https://issuer.example";

    private static readonly Lock Signing = new();

    public static RSA Rsa { get; } = RSA.Create(2048);

    public static RSA OtherRsa { get; } = RSA.Create(2048);

    public static ECDsa P256 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static ECDsa OtherP256 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static ECDsa P384 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public static ECDsa P521 { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP521);

    public static byte[] Secret { get; } = RandomNumberGenerator.GetBytes(64);

    /// <summary>A token of its header and payload as they are written, signed for an algorithm whatever the header says.</summary>
    public static string Make(string algorithm, string payload, string? header = null) =>
        Join(header ?? $$"""{"alg":"{{algorithm}}","typ":"JWT"}""", payload, signed => Sign(algorithm, signed));

    public static string Join(string header, string payload, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(Encoding.UTF8.GetBytes(header))}.{Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Encode(sign(Encoding.UTF8.GetBytes(signed)))}";
    }

    public static byte[] Sign(string algorithm, byte[] signed)
    {
        lock (Signing)
        {
            return algorithm switch
            {
                "HS256" => HMACSHA256.HashData(Secret, signed),
                "HS384" => HMACSHA384.HashData(Secret, signed),
                "HS512" => HMACSHA512.HashData(Secret, signed),
                "ES256" => P256.SignData(signed, HashAlgorithmName.SHA256),
                "ES384" => P384.SignData(signed, HashAlgorithmName.SHA384),
                "ES512" => P521.SignData(signed, HashAlgorithmName.SHA512),
                _ => Rsa.SignData(signed, HashOf(algorithm), algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1),
            };
        }
    }

    /// <summary>The key that verifies what <see cref="Make"/> signs.</summary>
    public static VerificationKey KeyFor(string algorithm, string? id = null, params string[] allowed)
    {
        var maker = new KeyMaker([.. SignatureAlgorithm.All.Where(each => allowed.Length == 0 || allowed.Contains(each.Name))]);
        VerificationKey? key;
        string fault;
        var made = algorithm[0] switch
        {
            'H' => maker.TryMakeSecret(id, Secret, allowed.Length == 0 ? algorithm : null, out key, out fault),
            'E' => maker.TryMakeEc(id, BitsOf(algorithm), CurveKey(algorithm).ExportParameters(false).Q, null, out key, out fault),
            _ => maker.TryMakeRsa(id, Rsa.ExportParameters(false), allowed.Length == 0 ? algorithm : null, out key, out fault),
        };
        Assert.True(made, fault);
        return key!;
    }

    public static string JwkOf(ECDsa key, string id)
    {
        var point = key.ExportParameters(false).Q;
        return $$"""{"kty":"EC","crv":"P-256","kid":"{{id}}","x":"{{Encode(point.X!)}}","y":"{{Encode(point.Y!)}}"}""";
    }

    // Not the encoder that is tested.
    public static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static int BitsOf(string algorithm) => algorithm switch { "ES256" => 256, "ES384" => 384, _ => 521 };

    private static ECDsa CurveKey(string algorithm) => algorithm switch { "ES256" => P256, "ES384" => P384, _ => P521 };

    private static HashAlgorithmName HashOf(string algorithm) => new($"SHA{algorithm[2..]}");
}
