using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>One of the algorithms of RFC 7518, section 3.1, that are known here. There is no other, and <c>none</c> is none.</summary>
internal sealed class SignatureAlgorithm
{
    private SignatureAlgorithm(string name, KeyFamily family, HashAlgorithmName hash, int hashBytes, int curveBits = 0) =>
        (Name, Family, Hash, HashBytes, CurveBits) = (name, family, hash, hashBytes, curveBits);

    public static IReadOnlyList<SignatureAlgorithm> All { get; } =
    [
        new("HS256", KeyFamily.Secret, HashAlgorithmName.SHA256, 32),
        new("HS384", KeyFamily.Secret, HashAlgorithmName.SHA384, 48),
        new("HS512", KeyFamily.Secret, HashAlgorithmName.SHA512, 64),
        new("RS256", KeyFamily.Rsa, HashAlgorithmName.SHA256, 32),
        new("RS384", KeyFamily.Rsa, HashAlgorithmName.SHA384, 48),
        new("RS512", KeyFamily.Rsa, HashAlgorithmName.SHA512, 64),
        new("PS256", KeyFamily.Rsa, HashAlgorithmName.SHA256, 32),
        new("PS384", KeyFamily.Rsa, HashAlgorithmName.SHA384, 48),
        new("PS512", KeyFamily.Rsa, HashAlgorithmName.SHA512, 64),
        new("ES256", KeyFamily.Ec, HashAlgorithmName.SHA256, 32, 256),
        new("ES384", KeyFamily.Ec, HashAlgorithmName.SHA384, 48, 384),
        new("ES512", KeyFamily.Ec, HashAlgorithmName.SHA512, 64, 521),
    ];

    public string Name { get; }

    public KeyFamily Family { get; }

    public HashAlgorithmName Hash { get; }

    public int HashBytes { get; }

    /// <summary>The curve that the algorithm is for; 0 where it is for none.</summary>
    public int CurveBits { get; }

    /// <summary>The padding of an RSA signature. PSS has a salt as long as the hash (RFC 7518, 3.5): .NET's only choice.</summary>
    public RSASignaturePadding Padding => Name[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1;

    /// <summary>The algorithm of a name; case counts (RFC 7515, 4.1.1).</summary>
    public static bool TryFind(string? name, [NotNullWhen(true)] out SignatureAlgorithm? algorithm)
    {
        algorithm = All.FirstOrDefault(each => string.Equals(each.Name, name, StringComparison.Ordinal));
        return algorithm is not null;
    }

    public override string ToString() => Name;
}
