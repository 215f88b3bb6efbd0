using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Spillway.TestKit;

/// <summary>A certificate of a test's own, with its key.</summary>
internal sealed class TestCertificate : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key;

    private TestCertificate(X509Certificate2 certificate, ECDsa key) => (Certificate, _key) = (certificate, key);

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem();

    public string KeyPem => _key.ExportPkcs8PrivateKeyPem();

    public string Thumbprint => Certificate.GetCertHashString();

    /// <summary>Of a server, which vouches for itself.</summary>
    /// <param name="name">What it is of.</param>
    /// <param name="now">It is good from a day before this time.</param>
    /// <param name="lifetime">How long it is good from this time on.</param>
    public static TestCertificate OfServer(string name, DateTimeOffset now, TimeSpan lifetime) => Create(name, now.AddDays(-1), now + lifetime, ServerAuthentication, null);

    /// <summary>Of a server, good from a time on.</summary>
    public static TestCertificate OfServerFrom(string name, DateTimeOffset begin) => Create(name, begin, begin.AddDays(1), ServerAuthentication, null);

    /// <summary>One that vouches for others.</summary>
    public static TestCertificate OfAuthority(string name, DateTimeOffset now) => Create(name, now.AddDays(-1), now.AddDays(1), null, null);

    /// <summary>Of a client, or of a server, that an authority vouches for.</summary>
    public TestCertificate Vouch(string name, bool isClient = true) =>
        Create(name, Certificate.NotBefore.ToUniversalTime(), Certificate.NotAfter.ToUniversalTime(), isClient ? ClientAuthentication : ServerAuthentication, this);

    public string EncryptedKeyPem(string password) =>
        _key.ExportEncryptedPkcs8PrivateKeyPem(password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1_000));

    public byte[] Pkcs12(string password) => Certificate.Export(X509ContentType.Pkcs12, password);

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private static TestCertificate Create(string name, DateTimeOffset begin, DateTimeOffset end, string? purpose, TestCertificate? authority)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: purpose is null, false, 0, critical: true));
        if (purpose is not null)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        }

        if (authority is null)
        {
            return new TestCertificate(request.CreateSelfSigned(begin, end), key);
        }

        using var certificate = request.Create(authority.Certificate, begin, end, RandomNumberGenerator.GetBytes(16));
        return new TestCertificate(certificate.CopyWithPrivateKey(key), key);
    }
}
