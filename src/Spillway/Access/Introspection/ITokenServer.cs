using Spillway.Access.Tokens;

namespace Spillway.Access.Introspection;

/// <summary>Who can read tokens.</summary>
internal interface ITokenServer : IDisposable
{
    /// <summary>Where it is, for people.</summary>
    string Place { get; }

    /// <summary>Asks once. Only a cancellation is thrown.</summary>
    Task<KeyFetch> AskAsync(string token, CancellationToken cancellationToken);
}
