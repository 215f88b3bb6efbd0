using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Spillway.Access.Certificates;

/// <summary>The client certificates of a configuration. That a client has the key of what it presents, TLS has proven; whose word counts for a name, too, or nobody's.</summary>
/// <param name="known">In the order in which they are looked through; those by hash win.</param>
internal sealed class CertificateRing(IReadOnlyList<KnownCertificate> known)
{
    public int Count => known.Count;

    /// <summary>What they allow.</summary>
    public IEnumerable<AccessTicket> Tickets => known.Select(static each => each.Ticket);

    /// <summary>What a certificate allows, until it ends; null where it is none of these.</summary>
    public AccessTicket? Find(X509Certificate2 certificate)
    {
        var hash = SHA256.HashData(certificate.RawDataMemory.Span);
        return (known.FirstOrDefault(each => each.Hash is { } own && own.AsSpan().SequenceEqual(hash)) ?? FindByName(certificate))?.Ticket is not { } ticket ? null
            : ticket with { TokenId = Convert.ToHexStringLower(hash), Expires = EndOf(certificate) };
    }

    /// <summary>When a certificate begins to be valid.</summary>
    public static DateTimeOffset BeginOf(X509Certificate2 certificate) => new(certificate.NotBefore.ToUniversalTime());

    /// <summary>From when on a certificate is not valid.</summary>
    public static DateTimeOffset EndOf(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime());

    // Whoever vouches for itself says nothing by its name, however TLS is set up.
    private KnownCertificate? FindByName(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) || SubjectText.Of(certificate.SubjectName) is not { } subject ? null
            : known.FirstOrDefault(each => string.Equals(each.Subject, subject, StringComparison.Ordinal));
}
