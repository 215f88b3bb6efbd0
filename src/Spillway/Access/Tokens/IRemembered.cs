namespace Spillway.Access.Tokens;

/// <summary>What is known of a token for a while.</summary>
internal interface IRemembered
{
    /// <summary>Whether it would be said again.</summary>
    bool StillHolds(DateTimeOffset now);
}
