namespace Spillway.Access.Tokens;

/// <summary>What came of a look for keys.</summary>
/// <param name="Content">The document; null where there is none.</param>
/// <param name="Fault">Why, as the end of a sentence that begins with where it was looked.</param>
internal readonly record struct KeyFetch(byte[]? Content, string Fault);
