using System.ComponentModel.DataAnnotations;

namespace Spillway.Cli.Serve.Tls;

/// <summary>TLS that <c>serve</c> ends itself: the section <c>Spillway:Tls</c>.</summary>
internal sealed class TlsOptions
{
    public const string Section = $"{SpillwayOptions.Section}:Tls";

    /// <summary>The file of the certificate and those above it, in PEM or PKCS #12. Default: none, no TLS.</summary>
    public string? Certificate { get; set; }

    /// <summary>The file of its private key, in PEM. Default: null, it is in the certificate's file.</summary>
    public string? Key { get; set; }

    /// <summary>The password of the key, or of the PKCS #12 file. Default: none.</summary>
    public string? Password { get; set; }

    /// <summary>A file with it; a line break at its end does not count. Default: none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Whether clients are asked for a certificate. Default: <see cref="TlsClientCertificates.None"/>.</summary>
    public TlsClientCertificates ClientCertificates { get; set; } = TlsClientCertificates.None;

    /// <summary>A file, in PEM, with the only authorities whose certificates of clients are trusted. Default: none.</summary>
    public string? ClientAuthorities { get; set; }

    /// <summary>Whether certificates of clients are looked up among those taken back. Default: <see cref="TlsRevocation.None"/>.</summary>
    public TlsRevocation ClientRevocation { get; set; } = TlsRevocation.None;

    /// <summary>How often the files are looked at. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "01:00:00")]
    public TimeSpan ReloadEvery { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long browsers shall use nothing but TLS for this host (RFC 6797); zero: nothing is said. Default: null, which is 180 days where there is a certificate.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan? Hsts { get; set; }

    /// <summary>What browsers are told: <see cref="Hsts"/>, or its default.</summary>
    public TimeSpan HstsInForce() => Hsts ?? (Certificate is null ? TimeSpan.Zero : TimeSpan.FromDays(180));
}
