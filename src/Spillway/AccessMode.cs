namespace Spillway;

/// <summary>Whom a hub lets in.</summary>
public enum AccessMode
{
    /// <summary>Everybody who reaches it: nothing is asked for, and everything is allowed. The command <c>serve</c> answers only its own machine then.</summary>
    Open,

    /// <summary>Who presents a token or an API key, to what that grants; who presents nothing, to what <see cref="AccessOptions.Anonymous"/> grants.</summary>
    Tokens,
}
