namespace Spillway.Access.Tokens;

/// <summary>Reads what may be too long.</summary>
internal static class BoundedContent
{
    public static async Task<KeyFetch> ReadAsync(Stream stream, int most, CancellationToken cancellationToken)
    {
        var buffer = new byte[most + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length > most ? new KeyFetch(null, $"is longer than {most} bytes") : new KeyFetch(buffer[..length], "");
    }
}
