namespace Spillway.Tests.Transports.WebSocket;

/// <summary>An upgraded connection of a client that sends nothing. What becomes of a write a test says.</summary>
internal sealed class OpeningStream(Func<CancellationToken, Task> write) : MemoryStream
{
    public TaskCompletionSource Written { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written.TrySetResult();
        return new ValueTask(write(cancellationToken));
    }
}
