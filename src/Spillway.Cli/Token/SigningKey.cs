using System.Security.Cryptography;
using System.Text;
using Spillway.Access.Tokens;

namespace Spillway.Cli.Token;

/// <summary>A private key or a secret that makes tokens. Only this command has one: the hub verifies, and never signs.</summary>
internal sealed class SigningKey : IDisposable
{
    private readonly RSA? _rsa;
    private readonly ECDsa? _ec;
    private readonly byte[] _secret;

    private SigningKey(RSA? rsa, ECDsa? ec, byte[] secret, SignatureAlgorithm algorithm, string? id) =>
        (_rsa, _ec, _secret, Algorithm, Id) = (rsa, ec, secret, algorithm, id);

    public SignatureAlgorithm Algorithm { get; }

    /// <summary>Its <c>kid</c>; null for none.</summary>
    public string? Id { get; }

    /// <summary>Takes a key over, for an algorithm or else the usual one for it.</summary>
    /// <exception cref="UsageException">The algorithm does not fit the key, or the key is weak.</exception>
    public static SigningKey Of(KeyMaterial material, string? algorithm, string? id)
    {
        var (rsa, ec, secret) = (material.Rsa, material.Ec, material.Secret);
        var family = rsa is not null ? KeyFamily.Rsa : ec is not null ? KeyFamily.Ec : KeyFamily.Secret;
        var curve = ec is null ? 0 : PemReader.BitsOf(ec.ExportParameters(false).Curve) ?? 0;
        var fitting = SignatureAlgorithm.All.Where(each => each.Family == family && each.CurveBits == curve && (family != KeyFamily.Secret || secret.Length >= each.HashBytes)).ToArray();
        if (fitting.Length == 0 || rsa?.KeySize < RsaKey.LeastBits)
        {
            throw new UsageException($"--key holds {material.Description}, which is too weak or of another curve: RSA takes 2048 bits, a secret 32 bytes, a curve is P-256, P-384 or P-521.");
        }

        var wanted = algorithm ?? material.Algorithm;
        var chosen = wanted is null ? fitting[0] : fitting.FirstOrDefault(each => each.Name == wanted);
        return chosen is null
            ? throw new UsageException($"--algorithm is \"{wanted}\", but --key holds {material.Description}; give it {Arguments.Values.OneOf([.. fitting.Select(static each => each.Name)])}.")
            : new SigningKey(rsa, ec, secret, chosen, id ?? material.Id);
    }

    /// <summary>A compact JWS of a header and a payload in JSON.</summary>
    public string Sign(string header, string payload)
    {
        var signed = $"{Base64UrlText.Encode(Encoding.UTF8.GetBytes(header))}.{Base64UrlText.Encode(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Base64UrlText.Encode(Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public void Dispose()
    {
        _rsa?.Dispose();
        _ec?.Dispose();
        CryptographicOperations.ZeroMemory(_secret);
    }

    private byte[] Sign(byte[] signed) =>
        _rsa?.SignData(signed, Algorithm.Hash, Algorithm.Padding)
        ?? _ec?.SignData(signed, Algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
        ?? CryptographicOperations.HmacData(Algorithm.Hash, _secret, signed);
}
