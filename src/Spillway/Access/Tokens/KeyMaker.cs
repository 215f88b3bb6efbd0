using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>Makes keys of their numbers, after a look at whether they are strong enough and for what they may be used.</summary>
/// <param name="allowed">The algorithms that the issuer uses.</param>
internal sealed class KeyMaker(IReadOnlyList<SignatureAlgorithm> allowed)
{
    /// <param name="id">Its name; null for none.</param>
    /// <param name="secret">Its bytes.</param>
    /// <param name="named">The only algorithm that it is for; null for all that fit.</param>
    /// <param name="key">The key.</param>
    /// <param name="fault">What is wrong, as the end of a sentence that begins with the key.</param>
    public bool TryMakeSecret(string? id, byte[] secret, string? named, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        // RFC 7518, 3.2: at least as long as the hash.
        var strong = Choose(KeyFamily.Secret, named, algorithm => secret.Length >= algorithm.HashBytes, out fault, $"is a secret of {secret.Length} bytes, and HS256 takes at least 32, HS384 48, HS512 64");
        key = strong.Count > 0 ? new SecretKey(id, secret, strong) : null;
        return key is not null;
    }

    /// <inheritdoc cref="TryMakeSecret"/>
    public bool TryMakeRsa(string? id, RSAParameters parameters, string? named, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        key = null;
        var modulus = parameters.Modulus.AsSpan().TrimStart((byte)0);
        var exponent = parameters.Exponent.AsSpan().TrimStart((byte)0);
        var bits = modulus.Length * 8 - (modulus.IsEmpty ? 0 : BitOperations.LeadingZeroCount(modulus[0]) - 24);
        if (bits is < RsaKey.LeastBits or > RsaKey.MostBits)
        {
            fault = $"is an RSA key of {bits} bits; {RsaKey.LeastBits} to {RsaKey.MostBits} are taken";
            return false;
        }

        // 1 would let everybody sign. Even ones are no exponents; those that are longer than eight bytes only take time.
        if (exponent.Length is 0 or > 8 || exponent is [1] || exponent[^1] % 2 == 0)
        {
            fault = "is an RSA key with an exponent that is even, 1, or longer than eight bytes";
            return false;
        }

        if (Choose(KeyFamily.Rsa, named, static _ => true, out fault) is not { Count: > 0 } algorithms)
        {
            return false;
        }

        var own = new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() };
        if (!IsUsable(() => RSA.Create(own)))
        {
            fault = "is an RSA key that cannot be used";
            return false;
        }

        key = new RsaKey(id, own, algorithms);
        return true;
    }

    /// <inheritdoc cref="TryMakeSecret"/>
    /// <param name="id">Its name; null for none.</param>
    /// <param name="curveBits">The bits of its curve.</param>
    /// <param name="point">The two coordinates, as long as the curve has it.</param>
    /// <param name="named">The only algorithm that it is for; null for all that fit.</param>
    /// <param name="key">The key.</param>
    /// <param name="fault">What is wrong, as the end of a sentence that begins with the key.</param>
    public bool TryMakeEc(string? id, int curveBits, ECPoint point, string? named, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        key = null;
        var bytes = (curveBits + 7) / 8;
        if (point.X?.Length != bytes || point.Y?.Length != bytes)
        {
            fault = $"is a key on P-{curveBits} whose x and y are not of {bytes} bytes each";
            return false;
        }

        if (Choose(KeyFamily.Ec, named, algorithm => algorithm.CurveBits == curveBits, out fault) is not [var algorithm, ..])
        {
            return false;
        }

        var parameters = new ECParameters { Curve = CurveOf(curveBits), Q = point };
        if (!IsUsable(() => ECDsa.Create(parameters)))
        {
            fault = $"is a key on P-{curveBits} whose point is not on that curve"; // The library asks.
            return false;
        }

        key = new EcKey(id, parameters, algorithm);
        return true;
    }

    private static ECCurve CurveOf(int bits) => bits switch
    {
        256 => ECCurve.NamedCurves.nistP256,
        384 => ECCurve.NamedCurves.nistP384,
        _ => ECCurve.NamedCurves.nistP521,
    };

    private List<SignatureAlgorithm> Choose(KeyFamily family, string? named, Func<SignatureAlgorithm, bool> fits, out string fault, string weak = "")
    {
        fault = "";
        var known = SignatureAlgorithm.TryFind(named, out var only);
        if (named is not null && !known)
        {
            fault = $"is for \"{ShownText.Of(named)}\", which is no algorithm that is known here";
            return [];
        }

        var ofFamily = allowed.Where(algorithm => algorithm.Family == family && (only is null || ReferenceEquals(algorithm, only))).ToList();
        var chosen = ofFamily.FindAll(algorithm => fits(algorithm));
        if (chosen.Count == 0)
        {
            fault = ofFamily.Count > 0 && weak.Length > 0 ? weak
                : named is not null ? $"is for {named}, which does not fit it or is not one of its issuer's algorithms ({string.Join(", ", allowed)})"
                : $"fits none of its issuer's algorithms ({string.Join(", ", allowed)})";
        }

        return chosen;
    }

    private static bool IsUsable(Func<IDisposable> create)
    {
        try
        {
            create().Dispose();
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or PlatformNotSupportedException)
        {
            return false;
        }
    }
}
