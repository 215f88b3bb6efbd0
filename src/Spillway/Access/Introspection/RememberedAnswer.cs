using Spillway.Access.Tokens;

namespace Spillway.Access.Introspection;

/// <summary>What was said of a token, and until when that counts.</summary>
internal readonly record struct RememberedAnswer(TokenResult Result, DateTimeOffset Until) : IRemembered
{
    public bool StillHolds(DateTimeOffset now) => now < Until;
}
