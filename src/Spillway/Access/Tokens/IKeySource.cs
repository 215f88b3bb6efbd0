namespace Spillway.Access.Tokens;

/// <summary>Where an issuer's keys come from.</summary>
internal interface IKeySource
{
    /// <summary>The keys that are known now, and the same object as long as they are the same. Where they are old, newer ones are looked for meanwhile.</summary>
    KeySet GetKeys();

    /// <summary>Whether there is nobody to ask for keys, and none that still counts.</summary>
    bool IsOut { get; }

    /// <summary>Looks whether there are newer keys, if it is time to; true where they are others now.</summary>
    ValueTask<bool> RefreshAsync(CancellationToken cancellationToken);
}
