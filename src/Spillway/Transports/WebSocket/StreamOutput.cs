namespace Spillway.Transports.WebSocket;

/// <summary>Writes through the stream that the server gave for the upgraded connection.</summary>
internal sealed class StreamOutput(Stream stream) : UpgradedOutput
{
    protected override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => stream.WriteAsync(bytes, cancellationToken);
}
