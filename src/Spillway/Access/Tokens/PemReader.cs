using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Spillway.Access.Tokens;

/// <summary>Reads public keys in PEM: <c>PUBLIC KEY</c>, <c>RSA PUBLIC KEY</c>, or that of a <c>CERTIFICATE</c>, whose dates and issuer say nothing here.</summary>
internal sealed class PemReader(KeyMaker maker)
{
    private const string P256 = "1.2.840.10045.3.1.7";
    private const string P384 = "1.3.132.0.34";
    private const string P521 = "1.3.132.0.35";

    /// <summary>Reads the first block. A fault is the end of a sentence that begins with the key.</summary>
    public bool TryRead(string? id, string pem, string? named, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        (key, fault) = (null, "is no PEM; it begins with -----BEGIN PUBLIC KEY-----");
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            return false;
        }

        var label = pem[fields.Label];
        if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
        {
            fault = "is a private key; take its public half (openssl pkey -in FILE -pubout)";
            return false;
        }

        try
        {
            return TryRead(id, label, Convert.FromBase64String(pem[fields.Base64Data]), named, out key, out fault);
        }
        catch (Exception e) when (e is CryptographicException or FormatException or ArgumentException or PlatformNotSupportedException)
        {
            fault = $"is a {ShownText.Of(label)} that cannot be read";
            return false;
        }
    }

    /// <summary>The bits of a curve that is known here, by its name: there are others of 256 bits. Null for others.</summary>
    public static int? BitsOf(ECCurve curve) => !curve.IsNamed ? null : curve.Oid.Value switch
    {
        P256 => 256,
        P384 => 384,
        P521 => 521,
        _ => null,
    };

    private bool TryRead(string? id, string label, byte[] der, string? named, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        switch (label)
        {
            case "RSA PUBLIC KEY":
                using (var rsa = RSA.Create())
                {
                    rsa.ImportRSAPublicKey(der, out _);
                    return maker.TryMakeRsa(id, rsa.ExportParameters(false), named, out key, out fault);
                }

            case "PUBLIC KEY":
                return TryReadPublic(id, PublicKey.CreateFromSubjectPublicKeyInfo(der, out _), named, out key, out fault);
            case "CERTIFICATE":
                using (var certificate = X509CertificateLoader.LoadCertificate(der))
                {
                    return TryReadPublic(id, certificate.PublicKey, named, out key, out fault);
                }

            default:
                (key, fault) = (null, $"is a {ShownText.Of(label)}; give it a PUBLIC KEY, an RSA PUBLIC KEY or a CERTIFICATE");
                return false;
        }
    }

    private bool TryReadPublic(string? id, PublicKey source, string? named, [NotNullWhen(true)] out VerificationKey? key, out string fault)
    {
        using var rsa = source.GetRSAPublicKey();
        if (rsa is not null)
        {
            return maker.TryMakeRsa(id, rsa.ExportParameters(false), named, out key, out fault);
        }

        using var ec = source.GetECDsaPublicKey();
        if (ec?.ExportParameters(false) is { } parameters && BitsOf(parameters.Curve) is { } bits)
        {
            return maker.TryMakeEc(id, bits, parameters.Q, named, out key, out fault);
        }

        (key, fault) = (null, "is neither an RSA key nor one on P-256, P-384 or P-521");
        return false;
    }
}
