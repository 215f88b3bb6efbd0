namespace Spillway.Mercure;

/// <summary>What a request presents.</summary>
/// <param name="Token">The token.</param>
/// <param name="IsInUrl">Whether it came in the URL, where only 0.x takes it.</param>
internal readonly record struct MercureCredential(string Token, bool IsInUrl);
