using System.Buffers;
using System.IO.Pipelines;

namespace Spillway.Client.Sse;

/// <summary>Reads a response's body block by block. The caller owns the pipe.</summary>
internal sealed class SseReader(PipeReader source, int maxBytes)
{
    private readonly SseParser _parser = new(maxBytes);
    private ReadOnlySequence<byte> _buffer;
    private bool _reading;
    private bool _completed;

    /// <inheritdoc cref="SseParser.Retry"/>
    public long? Retry => _parser.Retry;

    /// <summary>The next block; null at the end of the body. A block that the end cuts off is not told, as the standard asks.</summary>
    public async ValueTask<SseBlock?> ReadAsync(Action onBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_reading)
            {
                if (_parser.TryRead(ref _buffer, out var block))
                {
                    return block;
                }

                _reading = false;
                source.AdvanceTo(_buffer.Start, _buffer.End);
            }

            if (_completed)
            {
                return null;
            }

            var result = await source.ReadAsync(cancellationToken).ConfigureAwait(false);
            onBytes();
            (_buffer, _completed, _reading) = (result.Buffer, result.IsCompleted, true);
        }
    }
}
