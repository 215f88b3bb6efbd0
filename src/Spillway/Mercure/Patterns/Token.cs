namespace Spillway.Mercure.Patterns;

/// <summary>A piece of a pattern's text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Where it begins.</param>
/// <param name="Value">What it says: of a name what follows the colon, of a regexp group what its parentheses hold.</param>
internal readonly record struct Token(TokenKind Kind, int Index, string Value);
