using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Spillway.TestKit;

/// <summary>An authority of a test's own, and the certificates that it makes.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly List<X509Certificate2> _made = [];

    public TestCertificates() => Authority = Make("CN=Authority of a test", null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), static request =>
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true)));

    public X509Certificate2 Authority { get; }

    /// <summary>A certificate of the authority for a client, by default valid at any time.</summary>
    public X509Certificate2 Client(string subject, DateTimeOffset? from = null, DateTimeOffset? to = null) =>
        Make(subject, Authority, from ?? DateTimeOffset.UnixEpoch, to ?? DateTimeOffset.UnixEpoch.AddYears(200));

    /// <summary>A certificate of the authority for a server of this machine.</summary>
    public X509Certificate2 Server() => Make("CN=localhost", Authority, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200), static request =>
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
    });

    /// <summary>A certificate that vouches for itself.</summary>
    public X509Certificate2 SelfMade(string subject) => Make(subject, null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));

    /// <summary>Whether the authority vouches for a certificate; what TLS asks.</summary>
    public bool IsTrusted(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    public static string HashOf(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256);

    public void Dispose() => _made.ForEach(static certificate => certificate.Dispose());

    private X509Certificate2 Make(string subject, X509Certificate2? issuer, DateTimeOffset from, DateTimeOffset to, Action<CertificateRequest>? extend = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(subject, X500DistinguishedNameFlags.None), key, HashAlgorithmName.SHA256);
        extend?.Invoke(request);
        if (issuer is null)
        {
            _made.Add(request.CreateSelfSigned(from, to));
        }
        else
        {
            using var certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(16).Select(static b => (byte)(b & 0x7F)).ToArray());
            _made.Add(certificate.CopyWithPrivateKey(key));
        }

        return _made[^1];
    }
}
