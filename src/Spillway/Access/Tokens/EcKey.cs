using System.Security.Cryptography;

namespace Spillway.Access.Tokens;

/// <summary>A public key on a curve. The curve decides the algorithm.</summary>
internal sealed class EcKey : VerificationKey
{
    private readonly InstancePool<ECDsa> _instances;
    private readonly int _bits;

    public EcKey(string? id, ECParameters parameters, SignatureAlgorithm algorithm)
        : base(id, [algorithm])
    {
        _bits = algorithm.CurveBits;
        _instances = new InstancePool<ECDsa>(() => ECDsa.Create(parameters));
    }

    public override string Description => $"key on P-{_bits}";

    protected override bool VerifyFitting(SignatureAlgorithm algorithm, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        // Two numbers of the curve's length and nothing else (RFC 7518, 3.4): DER, which many libraries make, has other lengths and is no other spelling of it.
        if (signature.Length != (_bits + 7) / 8 * 2)
        {
            return false;
        }

        var ec = _instances.Take();
        try
        {
            return ec.VerifyData(signed, signature, algorithm.Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _instances.Return(ec);
        }
    }
}
