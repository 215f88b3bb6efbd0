using System.Buffers;
using System.Globalization;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.Sse;

/// <summary>
/// An SSE format whose blocks are each a chunk of an HTTP/1.1 response (RFC 9112, section 7.1), for connections that are no longer Kestrel's. A chunk a block, and not a write: so the rest of a cut
/// event is the same whatever was written with it.
/// </summary>
internal sealed class ChunkedSseEncoder(SseEncoder blocks) : IWireEncoder
{
    private const int LargestKept = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    public WireFormat Format => WireFormats.Chunked(blocks.Format);

    public void WriteEvent(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteEvent(record, epoch, scratch);
        End(scratch, output);
    }

    public void WriteKeepAlive(IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteKeepAlive(scratch);
        End(scratch, output);
    }

    public void WriteRetry(int milliseconds, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteRetry(milliseconds, scratch);
        End(scratch, output);
    }

    public void WriteCursor(Position position, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteCursor(position, scratch);
        End(scratch, output);
    }

    public void WriteGap(Position before, in Gap gap, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteGap(before, gap, scratch);
        End(scratch, output);
    }

    public void WriteSlow(Position before, long? backlog, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteSlow(before, backlog, scratch);
        End(scratch, output);
    }

    public void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteAuthExpiring(before, expires, left, scratch);
        End(scratch, output);
    }

    public void WriteDrain(string reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteDrain(reason, retryMilliseconds, scratch);
        End(scratch, output);
    }

    /// <summary>The last chunk, and no trailers: the response is whole.</summary>
    public void WriteClose(CloseReason reason, int retryMilliseconds, IBufferWriter<byte> output) => output.Write("0\r\n\r\n"u8);

    public void WriteEnd(IBufferWriter<byte> output)
    {
        var scratch = Begin();
        blocks.WriteEnd(scratch);
        End(scratch, output);
    }

    private static ArrayBufferWriter<byte> Begin()
    {
        var scratch = _scratch;
        if (scratch is null || scratch.Capacity > LargestKept)
        {
            _scratch = scratch = new ArrayBufferWriter<byte>(1_024);
        }

        scratch.ResetWrittenCount();
        return scratch;
    }

    /// <summary>A chunk of no bytes would end the response: nothing is nothing.</summary>
    private static void End(ArrayBufferWriter<byte> scratch, IBufferWriter<byte> output)
    {
        var bytes = scratch.WrittenSpan;
        if (bytes.IsEmpty)
        {
            return;
        }

        var chunk = output.GetSpan(8 + 2 + bytes.Length + 2); // 8: the hexadecimal digits of a length.
        bytes.Length.TryFormat(chunk, out var digits, "x", CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(chunk[digits..]);
        bytes.CopyTo(chunk[(digits + 2)..]);
        "\r\n"u8.CopyTo(chunk[(digits + 2 + bytes.Length)..]);
        output.Advance(digits + 2 + bytes.Length + 2);
    }
}
