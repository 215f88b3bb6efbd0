namespace Spillway.Cli.Serve.Tls;

/// <summary>Whether clients are asked for a certificate in the handshake.</summary>
internal enum TlsClientCertificates
{
    /// <summary>They are not.</summary>
    None,

    /// <summary>They are; who has none is served, who has one that is not trusted is not.</summary>
    Optional,

    /// <summary>They are, and without a trusted one there is no connection.</summary>
    Required,
}
