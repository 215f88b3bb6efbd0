using System.ComponentModel.DataAnnotations;

namespace Spillway;

/// <summary>A client certificate, or those with one name, and what they allow. Exactly one of <see cref="Sha256"/> and <see cref="Subject"/> is set.</summary>
public sealed class ClientCertificateOptions
{
    /// <summary>Whose it is: the subject of what it allows. Two entries with the same name are of the same client, the old certificate and the new one. Default: none; it has to be given.</summary>
    [Required]
    public string Id { get; set; } = "";

    /// <summary>The SHA-256 of the certificate (DER), as 64 hexadecimal digits, with or without colons between bytes. Default: none.</summary>
    public string? Sha256 { get; set; }

    /// <summary>
    /// The subject of the certificate as RFC 4514 has it, to the letter: <c>CN=press 7,O=Example,C=DE</c>. Only where TLS refuses certificates of authorities that are not trusted for it: anybody can write a name into
    /// one of their own. Default: none.
    /// </summary>
    public string? Subject { get; set; }

    /// <summary>Topics and patterns that it may publish to. Default: none.</summary>
    public IList<string> Publish { get; } = [];

    /// <summary>Topics and patterns that it may subscribe to. Default: none.</summary>
    public IList<string> Subscribe { get; } = [];

    /// <summary>Whether it may do what operators do. Default: false.</summary>
    public bool Admin { get; set; }
}
