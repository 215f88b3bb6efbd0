namespace Spillway.Access.Tokens;

/// <summary>Reads a set of keys from a file.</summary>
internal sealed class FileKeyFetcher(string path, int mostBytes) : IKeyFetcher
{
    public string Place => path;

    public async Task<KeyFetch> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return await BoundedContent.ReadAsync(file, mostBytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return new KeyFetch(null, $"cannot be read: {e.Message}");
        }
    }

    public void Dispose()
    {
        // Nothing stays open between two looks.
    }
}
