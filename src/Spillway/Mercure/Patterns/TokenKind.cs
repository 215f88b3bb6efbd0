namespace Spillway.Mercure.Patterns;

/// <summary>What a piece of a pattern's text is.</summary>
internal enum TokenKind
{
    /// <summary>What would be syntax, but is not in its place.</summary>
    InvalidChar,
    Open,
    Close,
    Regexp,
    Name,
    Char,
    EscapedChar,
    OtherModifier,
    Asterisk,
    End,
}
