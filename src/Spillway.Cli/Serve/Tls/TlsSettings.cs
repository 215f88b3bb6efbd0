namespace Spillway.Cli.Serve.Tls;

/// <summary>Whether options of TLS fit each other and where <c>serve</c> listens. The files themselves are looked at when it starts.</summary>
internal static class TlsSettings
{
    private const string Section = TlsOptions.Section;

    public static void Check(TlsOptions options, IReadOnlyList<Uri> urls, List<string> faults)
    {
        var secure = urls.FirstOrDefault(static url => url.Scheme == Uri.UriSchemeHttps);
        if (options.Certificate is null && secure is not null)
        {
            faults.Add($"--urls has \"{secure.OriginalString}\", but there is no certificate; name its file with --tls-certificate ({Section}:Certificate) and that of its key with --tls-key, or listen on http.");
        }

        if (options.Certificate is not null && secure is null && urls.Count > 0)
        {
            faults.Add($"--tls-certificate ({Section}:Certificate) is \"{options.Certificate}\", but no URL of --urls is https; listen on one, for example https://127.0.0.1:8443.");
        }

        if (options.Certificate is null && (options.Key ?? options.ClientAuthorities) is not null)
        {
            faults.Add($"{Section}:{(options.Key is null ? "ClientAuthorities" : "Key")} is set, but {Section}:Certificate is not; name the certificate, or leave both out.");
        }

        if (options is { Password: not null, PasswordFile: not null })
        {
            faults.Add($"{Section}:Password and {Section}:PasswordFile are both set; leave one out.");
        }

        if (options.ClientCertificates != TlsClientCertificates.None && options.ClientAuthorities is null)
        {
            faults.Add($"{Section}:ClientCertificates is {options.ClientCertificates.ToString().ToLowerInvariant()}, but nobody is trusted to vouch for clients; name the file of those who are with {Section}:ClientAuthorities.");
        }

        if (options is { ClientCertificates: TlsClientCertificates.None, ClientAuthorities: not null })
        {
            faults.Add($"{Section}:ClientAuthorities is set, but {Section}:ClientCertificates is none: clients are not asked; set it to optional or required, or leave the file out.");
        }
    }
}
