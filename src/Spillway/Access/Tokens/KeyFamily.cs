namespace Spillway.Access.Tokens;

/// <summary>What a key is made of. A key is of one family for ever, and verifies with algorithms of that family only.</summary>
internal enum KeyFamily
{
    /// <summary>A secret that both sides know.</summary>
    Secret,

    /// <summary>The public half of an RSA key.</summary>
    Rsa,

    /// <summary>A point on one of the curves P-256, P-384 and P-521.</summary>
    Ec,
}
