namespace Spillway.Access.Tokens;

/// <summary>Keys that were configured.</summary>
internal sealed class StaticKeys(KeySet keys) : IKeySource
{
    public bool IsOut => false;

    public KeySet GetKeys() => keys;

    public ValueTask<bool> RefreshAsync(CancellationToken cancellationToken) => new(false);
}
