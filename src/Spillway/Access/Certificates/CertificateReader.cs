using System.Buffers;
using System.Security.Cryptography;

namespace Spillway.Access.Certificates;

/// <summary>Reads the client certificates of a configuration, and says everything that is wrong with them.</summary>
internal static class CertificateReader
{
    private const string Section = $"{SpillwayOptions.Section}:Access:ClientCertificates";

    /// <param name="options">The options.</param>
    /// <param name="readGrants">Reads grants: the key, the grants.</param>
    /// <param name="faults">Every fault, with key and remedy.</param>
    public static CertificateRing Read(AccessOptions options, Func<string, IList<string>, GrantSet> readGrants, List<string> faults)
    {
        var known = new List<KnownCertificate>();
        for (var i = 0; i < options.ClientCertificates.Count; i++)
        {
            var (entry, section) = (options.ClientCertificates[i], $"{Section}:{i}");
            if (FindFault(entry, section, out var hash) is { } fault)
            {
                faults.Add(fault);
                continue;
            }

            if (known.Exists(other => hash is null ? other.Subject == entry.Subject : other.Hash?.AsSpan().SequenceEqual(hash) == true))
            {
                faults.Add($"{section}:{(hash is null ? nameof(entry.Subject) : nameof(entry.Sha256))} is that of an earlier entry; give each certificate one.");
            }

            var ticket = new AccessTicket
            {
                Kind = CredentialKind.Certificate,
                Entry = OptionDigest.Of(entry),
                Subject = entry.Id,
                Admin = entry.Admin,
                Publish = readGrants($"{section}:Publish", entry.Publish),
                Subscribe = readGrants($"{section}:Subscribe", entry.Subscribe),
            };
            known.Add(new KnownCertificate(hash, hash is null ? entry.Subject : null, ticket));
        }

        return new CertificateRing(known);
    }

    private static string? FindFault(ClientCertificateOptions entry, string section, out byte[]? hash)
    {
        hash = null;
        if (string.IsNullOrEmpty(entry.Sha256) == string.IsNullOrEmpty(entry.Subject))
        {
            return $"{section} has {(string.IsNullOrEmpty(entry.Sha256) ? "neither Sha256 nor" : "both Sha256 and")} Subject; set exactly one of them.";
        }

        if (string.IsNullOrEmpty(entry.Sha256))
        {
            return entry.Subject!.Contains('=', StringComparison.Ordinal) ? null
                : $"{section}:Subject is \"{entry.Subject}\", which is no name of a certificate; openssl x509 -in FILE -noout -subject -nameopt RFC2253 prints it.";
        }

        hash = new byte[SHA256.HashSizeInBytes];
        var digits = entry.Sha256.Replace(":", "", StringComparison.Ordinal); // As openssl prints it.
        return digits.Length == hash.Length * 2 && Convert.FromHexString(digits, hash, out _, out _) == OperationStatus.Done ? null
            : $"{section}:Sha256 is not 64 hexadecimal digits; openssl x509 -in FILE -noout -fingerprint -sha256 prints them.";
    }
}
