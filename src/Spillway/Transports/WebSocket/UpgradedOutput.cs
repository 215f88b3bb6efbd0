using System.Buffers;
using System.IO.Pipelines;

namespace Spillway.Transports.WebSocket;

/// <summary>Writes to the stream of an upgraded connection. It holds a buffer only from a write to its flush.</summary>
internal sealed class UpgradedOutput(Stream stream) : PipeWriter
{
    private byte[]? _buffer;
    private int _length;
    private bool _completed;

    public override void Advance(int bytes) => _length += bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void CancelPendingFlush()
    {
        // Nobody here cancels.
    }

    public override void Complete(Exception? exception = null) => _completed = true;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_completed || _buffer is not { } buffer)
        {
            return ValueTask.FromResult(new FlushResult(false, _completed));
        }

        var write = stream.WriteAsync(buffer.AsMemory(0, _length), cancellationToken);
        (_buffer, _length) = (null, 0);
        if (!write.IsCompletedSuccessfully)
        {
            return FinishAsync(write, buffer);
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return ValueTask.FromResult(default(FlushResult));
    }

    private static async ValueTask<FlushResult> FinishAsync(ValueTask write, byte[] buffer)
    {
        await write; // Where it fails the buffer is not given back: who knows who reads it still.
        ArrayPool<byte>.Shared.Return(buffer);
        return default;
    }

    private void Reserve(int length)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1_024));
        }
        else if (_buffer.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, _buffer.Length * 2));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
