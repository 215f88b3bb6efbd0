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

    /// <summary>A signed token of another protocol. Its holder is nobody of the hub's own tokens, whatever names are in it.</summary>
    Foreign,

    /// <summary>Nothing: what anybody may do.</summary>
    Nothing,
}
