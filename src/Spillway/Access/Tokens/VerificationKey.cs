using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>
/// A key of an issuer. It is of one family, and each family is a class of its own that knows how to do nothing else: that a public key is taken for the secret of an HMAC
/// cannot be written here.
/// </summary>
/// <param name="id">By what name tokens choose it; null where it has none.</param>
/// <param name="algorithms">With which it may verify; all of its family.</param>
internal abstract class VerificationKey(string? id, IReadOnlyList<SignatureAlgorithm> algorithms)
{
    public string? Id => id;

    public IReadOnlyList<SignatureAlgorithm> Algorithms => algorithms;

    /// <summary>The family and the size, for people.</summary>
    public abstract string Description { get; }

    public bool Fits(SignatureAlgorithm algorithm) => algorithms.Contains(algorithm);

    /// <summary>Whether this key made a signature. False for whatever is wrong with it; nothing is thrown.</summary>
    public bool Verify(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        try
        {
            return Fits(algorithm) && VerifyFitting(algorithm, signed, signature);
        }
        catch (CryptographicException)
        {
            return false; // How the system's library says that bytes are not even the shape of a signature.
        }
    }

    protected abstract bool VerifyFitting(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature);
}
