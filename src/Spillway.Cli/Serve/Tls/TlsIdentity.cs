using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Spillway.Cli.Serve.Tls;

/// <summary>What handshakes use: a certificate with its key, and whose certificates of clients are trusted. Immutable; connections keep theirs.</summary>
internal sealed class TlsIdentity
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2"; // RFC 5280, section 4.2.1.12.

    /// <param name="certificate">With its key.</param>
    /// <param name="above">Certificates that are sent along.</param>
    /// <param name="authorities">Whose certificates of clients are trusted.</param>
    /// <param name="options">Whether clients are asked for one.</param>
    public TlsIdentity(X509Certificate2 certificate, X509Certificate2Collection above, X509Certificate2Collection authorities, TlsOptions options)
    {
        Certificate = certificate;
        Options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, above, offline: true), // Nothing is downloaded for it.
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            AllowRenegotiation = false,
        };
        if (options.ClientCertificates != TlsClientCertificates.None)
        {
            AskClients(Options, authorities, options);
        }
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>For a handshake; shared by all, and changed by none.</summary>
    public SslServerAuthenticationOptions Options { get; }

    public DateTimeOffset Expires => new(Certificate.NotAfter);

    private static void AskClients(SslServerAuthenticationOptions handshake, X509Certificate2Collection authorities, TlsOptions options)
    {
        var isRequired = options.ClientCertificates == TlsClientCertificates.Required;
        handshake.ClientCertificateRequired = true; // To ask; the callback decides what of none at all.
        handshake.RemoteCertificateValidationCallback = (_, certificate, _, faults) => faults == SslPolicyErrors.None
            ? certificate is not null || !isRequired
            : !isRequired && certificate is null && faults == SslPolicyErrors.RemoteCertificateNotAvailable;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = options.ClientRevocation switch
            {
                TlsRevocation.Offline => X509RevocationMode.Offline,
                TlsRevocation.Online => X509RevocationMode.Online,
                _ => X509RevocationMode.NoCheck,
            },
            DisableCertificateDownloads = true, // A certificate says where those above it are: anybody could have the hub ask anywhere.
        };
        policy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        policy.CustomTrustStore.AddRange(authorities);
        handshake.CertificateChainPolicy = policy;
    }
}
