namespace Spillway.Access;

/// <summary>What was presented.</summary>
internal enum CredentialKind
{
    /// <summary>A signed token.</summary>
    Token,

    /// <summary>An API key.</summary>
    ApiKey,

    /// <summary>A client certificate.</summary>
    Certificate,

    /// <summary>A token that only its server can read.</summary>
    Opaque,

    /// <summary>What the host itself asked for.</summary>
    Host,

    /// <summary>Nothing: what anybody may do.</summary>
    Nothing,
}
