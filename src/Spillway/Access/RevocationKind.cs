namespace Spillway.Access;

/// <summary>By what credentials are taken back.</summary>
internal enum RevocationKind
{
    /// <summary>All of a subject that were made before, an API key's <c>Id</c> being its subject.</summary>
    Subject,

    /// <summary>The one token with an id (<c>jti</c>).</summary>
    Token,
}
