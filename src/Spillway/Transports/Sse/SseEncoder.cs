using System.Buffers;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.Sse;

/// <summary>What both SSE formats have in common: everything but an event's data. The bytes are those of docs/protocol.md, section 3.</summary>
internal abstract class SseEncoder(CursorCodec? cursors) : IWireEncoder
{
    // Fields and line ends of a block, an ephemeral number and a cursor: what an event takes beside its type and its data.
    private const int BlockBytes = 64 + Position.MaxLength;

    private readonly CursorCodec _cursors = cursors ?? CursorCodec.Plain;

    public abstract WireFormat Format { get; }

    public void WriteEvent(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        if ((record.Flags & EventFlags.Marker) != 0)
        {
            return;
        }

        var type = record.Type;
        var block = new BlockWriter(output, BlockBytes + type.Length + ExpectedData(record));
        WriteHead(record, epoch, ref block);
        if (!type.IsEmpty)
        {
            block.Write("\nevent: "u8);
            block.Write(type); // Ingress lets no control character into a type, so it cannot end its line.
        }

        block.Write("\n"u8);
        WriteData(record, ref block);
        block.Write("\n"u8);
        WriteTail(record, epoch, ref block);
        block.Commit();
    }

    public void WriteKeepAlive(IBufferWriter<byte> output) => output.Write(":\n"u8);

    /// <summary>The field alone: the standard has it take effect where it is read, and no blank line means no call of any handler.</summary>
    public void WriteRetry(int milliseconds, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 32);
        WriteRetry(milliseconds, ref block);
        block.Commit();
    }

    public void WriteCursor(Position position, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 64);
        WriteId(position, _cursors, ref block);
        block.Write("event: spillway-cursor\ndata: {}\n\n"u8);
        block.Commit();
    }

    public void WriteGap(Position before, in Gap gap, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 256);
        WriteId(before, _cursors, ref block);
        block.Write("event: spillway-gap\ndata: {"u8);
        SignalJson.WriteGap(gap, _cursors, ref block);
        block.Write("}\n\n"u8);
        block.Commit();
    }

    public void WriteSlow(Position before, long? backlog, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 128);
        WriteId(before, _cursors, ref block);
        block.Write("event: spillway-slow\ndata: {"u8);
        if (backlog is { } events)
        {
            block.Write("\"backlog\":"u8);
            block.WriteNumber(events);
        }

        block.Write("}\n\n"u8);
        block.Commit();
    }

    public void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 192);
        WriteId(before, _cursors, ref block);
        block.Write("event: spillway-auth-expiring\ndata: {"u8);
        SignalJson.WriteAuthExpiring(expires, left, ref block);
        block.Write("}\n\n"u8);
        block.Commit();
    }

    public void WriteDrain(string reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 128);
        WriteRetry(retryMilliseconds, ref block);
        block.Write("event: spillway-drain\ndata: {\"reason\":"u8);
        block.WriteJsonString(Encoding.UTF8.GetBytes(reason));
        block.Write(",\"retry\":"u8);
        block.WriteNumber(retryMilliseconds);
        block.Write("}\n\n"u8);
        block.Commit();
    }

    public void WriteClose(CloseReason reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        // The end of the body says it.
    }

    public void WriteEnd(IBufferWriter<byte> output) =>
        output.Write("event: spillway-end\ndata: {\"reason\":\"topics-ended\"}\n\n"u8);

    /// <summary>Writes what stands before the type: the id, and what else a format has; the last line's end not included.</summary>
    protected virtual void WriteHead(in EventRecord record, ulong epoch, ref BlockWriter block) => WriteId(record, epoch, ref block);

    /// <summary>The id of an event, its line's end not included.</summary>
    protected void WriteId(in EventRecord record, ulong epoch, ref BlockWriter block)
    {
        block.Write("id: "u8);
        block.WriteId(record, epoch, _cursors);
    }

    /// <summary>Writes what follows the event's block, if a format has anything there: blocks of their own.</summary>
    protected virtual void WriteTail(in EventRecord record, ulong epoch, ref BlockWriter block)
    {
    }

    /// <summary>A guess at the bytes of an event's data: right for most, so that memory is asked for once.</summary>
    protected abstract int ExpectedData(in EventRecord record);

    /// <summary>Writes the <c>data</c> lines, the last line's end included.</summary>
    protected abstract void WriteData(in EventRecord record, ref BlockWriter block);

    internal static void WriteId(Position position, CursorCodec cursors, ref BlockWriter block)
    {
        block.Write("id: "u8);
        block.WriteCursor(position, cursors);
        block.Write("\n"u8);
    }

    internal static void WriteRetry(int milliseconds, ref BlockWriter block)
    {
        block.Write("retry: "u8);
        block.WriteNumber(milliseconds);
        block.Write("\n"u8);
    }
}
