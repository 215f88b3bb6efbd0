using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>A public RSA key.</summary>
internal sealed class RsaKey : VerificationKey
{
    /// <summary>RFC 7518, 3.3.</summary>
    public const int LeastBits = 2048;

    /// <summary>A larger one takes a core for milliseconds, and protects nothing more.</summary>
    public const int MostBits = 8192;

    private readonly InstancePool<RSA> _instances;
    private readonly int _bytes;

    public RsaKey(string? id, RSAParameters parameters, IReadOnlyList<SignatureAlgorithm> algorithms)
        : base(id, algorithms)
    {
        _bytes = parameters.Modulus!.Length;
        _instances = new InstancePool<RSA>(() => RSA.Create(parameters));
    }

    public override string Description => $"RSA key of {_bytes * 8} bits";

    protected override bool VerifyFitting(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != _bytes)
        {
            return false;
        }

        var rsa = _instances.Take();
        try
        {
            return rsa.VerifyData(signed, signature, algorithm.Hash, algorithm.Padding);
        }
        finally
        {
            _instances.Return(rsa);
        }
    }
}
