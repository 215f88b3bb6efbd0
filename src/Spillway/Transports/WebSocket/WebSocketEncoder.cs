using System.Buffers;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.WebSocket;

/// <summary>What both subprotocols have in common: a message is one frame, and signals are JSON. The bytes are those of docs/protocol.md, section 4.</summary>
internal abstract class WebSocketEncoder(CursorCodec? cursors) : IWireEncoder
{
    private const int LargestKept = 256 * 1024;
    private const int SignalBytes = 256; // A guess.

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    public abstract WireFormat Format { get; }

    protected CursorCodec Cursors { get; } = cursors ?? CursorCodec.Plain;

    public void WriteEvent(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        if ((record.Flags & EventFlags.Marker) == 0)
        {
            WriteMessage(record, epoch, output);
        }
    }

    public void WriteKeepAlive(IBufferWriter<byte> output) => Frames.Write(Opcode.Ping, [], output);

    public void WriteRetry(int milliseconds, IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteRetry(milliseconds, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteCursor(Position position, IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteCursor(position, Cursors, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteGap(Position before, in Gap gap, IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteGap(before, gap, Cursors, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteSlow(Position before, long? backlog, IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteSlow(before, backlog, Cursors, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteAuthExpiring(before, expires, left, Cursors, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteDrain(string reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteDrain(reason, retryMilliseconds, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteEnd(IBufferWriter<byte> output)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteEnd(ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    public void WriteClose(CloseReason reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        var code = reason switch
        {
            CloseReason.TopicsEnded => CloseCode.TopicsEnded,
            CloseReason.Lifetime => CloseCode.Lifetime,
            CloseReason.Overflow => CloseCode.Overflow,
            CloseReason.Shutdown => CloseCode.Restart,
            CloseReason.Expired => CloseCode.Expired,
            CloseReason.Revoked => CloseCode.Revoked,
            CloseReason.Disconnected => CloseCode.Disconnected,
            _ => CloseCode.Failed,
        };
        Frames.WriteClose(code, code == CloseCode.TopicsEnded ? "topics-ended" : $"{reason.ToString().ToLowerInvariant()}; retry={retryMilliseconds}", output);
    }

    /// <summary>The first message: from where the stream continues, and what the hub says of the connection. <paramref name="receipts"/>: the least time between two, where it asks for them.</summary>
    public static void WriteOpen(IBufferWriter<byte> output, int retryMilliseconds, Position resume, string connectionId, TimeSpan keepAlive, TimeSpan? receipts, CursorCodec cursors)
    {
        var scratch = Begin(SignalBytes, out var block);
        MessageJson.WriteOpen(resume, connectionId, keepAlive, retryMilliseconds, receipts, cursors, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }

    protected abstract void WriteMessage(in EventRecord record, ulong epoch, IBufferWriter<byte> output);

    /// <summary>A message whose length is not known before it is written. <see cref="Finish"/> ends it.</summary>
    protected static ArrayBufferWriter<byte> Begin(int expected, out BlockWriter block)
    {
        var scratch = _scratch is { Capacity: <= LargestKept } kept ? kept : _scratch = new ArrayBufferWriter<byte>(1_024);
        scratch.ResetWrittenCount();
        block = new BlockWriter(scratch, expected);
        return scratch;
    }

    protected static void Finish(Opcode opcode, ArrayBufferWriter<byte> scratch, ref BlockWriter block, IBufferWriter<byte> output)
    {
        block.Commit();
        Frames.Write(opcode, scratch.WrittenSpan, output);
    }
}
