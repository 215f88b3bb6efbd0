using System.Buffers;
using System.IO.Pipelines;
using Spillway.Events;

namespace Spillway.Transports.Polling;

/// <summary>
/// Takes a poll's entries and makes its answer of them. It takes everything at once, so that a loop never has to wait, nor to cut an entry; what it holds is bounded by the poll's room.
/// </summary>
internal sealed class PollOutput : PipeWriter, IDisposable
{
    // The bracket comes in the place of the first entry's comma.
    private static readonly byte[] Head = """{"entries":"""u8.ToArray();

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(1_024);
    private int _length;

    public PollOutput()
    {
        Head.CopyTo(_buffer, 0);
        _length = Head.Length;
    }

    public bool HasEntries => _length > Head.Length;

    public override void Advance(int bytes) => _length += bytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_length);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(default(FlushResult));

    public override void CancelPendingFlush()
    {
        // None is ever pending.
    }

    public override void Complete(Exception? exception = null)
    {
        // Finish does.
    }

    /// <summary>Ends the answer and shows it, until this is disposed. <paramref name="retryMilliseconds"/>: 0 for none.</summary>
    public ReadOnlyMemory<byte> Finish(Position cursor, bool more, int retryMilliseconds, CursorCodec cursors)
    {
        var block = new BlockWriter(this, 128);
        if (!HasEntries)
        {
            block.Write(","u8);
        }

        block.Write("],\"cursor\":\""u8);
        block.WriteCursor(cursor, cursors);
        block.Write("\""u8);
        if (more)
        {
            block.Write(",\"more\":true"u8);
        }

        if (retryMilliseconds > 0)
        {
            block.Write(",\"retry\":"u8);
            block.WriteNumber(retryMilliseconds);
        }

        block.Write("}"u8);
        block.Commit();
        _buffer[Head.Length] = (byte)'[';
        return _buffer.AsMemory(0, _length);
    }

    /// <summary>Gives the memory up without giving it back: a write that does not end may still read it.</summary>
    public void Abandon() => _buffer = [];

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
    }

    private void Reserve(int length)
    {
        if (_buffer.Length - _length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + length, _buffer.Length * 2));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }
}
