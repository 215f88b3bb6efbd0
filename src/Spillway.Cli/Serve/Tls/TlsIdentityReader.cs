using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Spillway.Cli.Serve.Tls;

/// <summary>Makes an identity of the files that options name, or says what is wrong with them; never with anything that they hold.</summary>
internal static class TlsIdentityReader
{
    private const string Section = TlsOptions.Section;

    /// <summary>What <c>serve</c> starts with.</summary>
    /// <exception cref="UsageException">The files cannot be used; it says why.</exception>
    public static (TlsIdentity Identity, TlsFiles Files) Open(TlsOptions options, DateTimeOffset now) =>
        TlsFiles.TryRead(options, out var files, out var fault) && TryCreate(options, files, now, out var identity, out fault) ? (identity, files) : throw new UsageException(fault);

    /// <summary>Makes one; <paramref name="fault"/> says what is wrong, and what to do.</summary>
    public static bool TryCreate(TlsOptions options, TlsFiles files, DateTimeOffset now, [NotNullWhen(true)] out TlsIdentity? identity, out string fault)
    {
        identity = null;
        try
        {
            var certificates = IsPem(files.Certificate) ? ReadPem(files, options, out fault) : ReadPkcs12(files, options, out fault);
            var authorities = fault.Length == 0 && files.ClientAuthorities is { } bundle ? ReadAuthorities(bundle, options, out fault) : [];
            if (fault.Length > 0 || (fault = FaultOfDates(certificates[0], options, now)).Length > 0)
            {
                return false;
            }

            identity = new TlsIdentity(certificates[0], [.. certificates.Skip(1)], authorities, options);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            fault = $"{Section}:Certificate is \"{options.Certificate}\", which cannot be used{(options.Key is null ? "" : $" with {Section}:Key \"{options.Key}\"")}: {e.Message}";
            return false;
        }
    }

    private static bool IsPem(byte[] bytes) => bytes.AsSpan().IndexOf("-----BEGIN "u8) >= 0;

    /// <summary>The certificate with its key first, then those above it.</summary>
    private static X509Certificate2Collection ReadPem(TlsFiles files, TlsOptions options, out string fault)
    {
        var text = Encoding.UTF8.GetString(files.Certificate);
        var all = new X509Certificate2Collection();
        all.ImportFromPem(text);
        if (all.Count == 0)
        {
            fault = $"{Section}:Certificate is \"{options.Certificate}\", which holds no certificate; name the file that begins with one.";
            return all;
        }

        var key = files.Key is null ? text : Encoding.UTF8.GetString(files.Key);
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            fault = $"{Section}:Key is \"{options.Key ?? options.Certificate}\", which holds no private key in PEM; name the file that does with --tls-key.";
            return all;
        }

        var isEncrypted = key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);
        if (isEncrypted && files.Password is null)
        {
            fault = $"{Section}:Key is \"{options.Key ?? options.Certificate}\", which is encrypted; set {Section}:PasswordFile.";
            return all;
        }

        fault = "";
        all[0] = Usable(isEncrypted ? X509Certificate2.CreateFromEncryptedPem(text, key, files.Password) : X509Certificate2.CreateFromPem(text, key));
        return all;
    }

    private static X509Certificate2Collection ReadPkcs12(TlsFiles files, TlsOptions options, out string fault)
    {
        if (options.Key is not null)
        {
            fault = $"{Section}:Certificate is \"{options.Certificate}\", which is not PEM, and {Section}:Key is set: a PKCS #12 file holds its key itself; leave --tls-key out.";
            return [];
        }

        var all = X509CertificateLoader.LoadPkcs12Collection(files.Certificate, files.Password);
        var own = all.FirstOrDefault(static certificate => certificate.HasPrivateKey);
        fault = own is null ? $"{Section}:Certificate is \"{options.Certificate}\", which holds no private key; export it with its key." : "";
        return own is null ? [] : [own, .. all.Where(certificate => !ReferenceEquals(certificate, own))];
    }

    private static X509Certificate2Collection ReadAuthorities(byte[] bundle, TlsOptions options, out string fault)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPem(Encoding.UTF8.GetString(bundle));
            fault = authorities.Count > 0 ? "" : $"{Section}:ClientAuthorities is \"{options.ClientAuthorities}\", which holds no certificate in PEM; nobody would be trusted.";
        }
        catch (CryptographicException e)
        {
            fault = $"{Section}:ClientAuthorities is \"{options.ClientAuthorities}\", which cannot be used: {e.Message}";
        }

        return authorities;
    }

    private static string FaultOfDates(X509Certificate2 certificate, TlsOptions options, DateTimeOffset now)
    {
        var (begins, ends) = (new DateTimeOffset(certificate.NotBefore), new DateTimeOffset(certificate.NotAfter));
        return now >= ends ? $"{Section}:Certificate is \"{options.Certificate}\", which expired at {Text(ends)}; put a new one there."
            : now < begins ? $"{Section}:Certificate is \"{options.Certificate}\", which is not good before {Text(begins)}; put another one there, or set the clock."
            : "";

        static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>Windows serves no key that is in memory alone.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate) =>
        OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate;
}
