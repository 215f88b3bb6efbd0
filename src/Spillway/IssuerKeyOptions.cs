namespace Spillway;

/// <summary>A key of an issuer: public, or a secret. Exactly one of its sources is set.</summary>
public sealed class IssuerKeyOptions
{
    /// <summary>By what <c>kid</c> tokens choose it. Default: none; it is then tried for every token that chooses no other.</summary>
    public string? Id { get; set; }

    /// <summary>The only algorithm that it is for. Default: none, for all of the issuer's that fit it.</summary>
    public string? Algorithm { get; set; }

    /// <summary>A public key or a certificate in PEM. Default: none.</summary>
    public string? Pem { get; set; }

    /// <summary>A file with a public key or a certificate in PEM. Default: none.</summary>
    public string? PemFile { get; set; }

    /// <summary>A secret for HS256, HS384 or HS512, whose bytes are its UTF-8. Default: none.</summary>
    public string? Secret { get; set; }

    /// <summary>A file with such a secret; a line break at its end is none of it. Default: none.</summary>
    public string? SecretFile { get; set; }

    /// <summary>A key in JSON (JWK). Default: none.</summary>
    public string? Jwk { get; set; }

    /// <summary>A file with a key in JSON, or with a set of them. Default: none.</summary>
    public string? JwkFile { get; set; }
}
