namespace Spillway.Access.Tokens;

/// <summary>Where a set of keys is looked for.</summary>
internal interface IKeyFetcher : IDisposable
{
    /// <summary>The place, for people.</summary>
    string Place { get; }

    /// <summary>Looks once. Only a cancellation is thrown.</summary>
    Task<KeyFetch> FetchAsync(CancellationToken cancellationToken);
}
