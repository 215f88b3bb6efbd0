using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>A secret for HMAC.</summary>
internal sealed class SecretKey(string? id, byte[] secret, IReadOnlyList<SignatureAlgorithm> algorithms) : VerificationKey(id, algorithms)
{
    public override string Description => $"secret of {secret.Length} bytes";

    protected override bool VerifyFitting(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        Span<byte> expected = stackalloc byte[64];
        expected = expected[..CryptographicOperations.HmacData(algorithm.Hash, secret, signed, expected)];
        return CryptographicOperations.FixedTimeEquals(expected, signature);
    }
}
