using System.Buffers;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.Polling;

/// <summary>The entries of a poll's answer: the objects of <c>spillway.v1.json</c>, each with a comma before it, so that its bytes do not depend on its place. <see cref="PollOutput"/> puts the bracket in.</summary>
internal sealed class PollEncoder(CursorCodec? cursors = null) : IWireEncoder
{
    private readonly CursorCodec _cursors = cursors ?? CursorCodec.Plain;

    public WireFormat Format => WireFormat.Poll;

    public void WriteEvent(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        if ((record.Flags & EventFlags.Marker) != 0)
        {
            return;
        }

        var block = Begin(64 + EventJson.ExpectedLength(record), output);
        MessageJson.WriteEvent(record, epoch, _cursors, ref block);
        block.Commit();
    }

    public void WriteKeepAlive(IBufferWriter<byte> output)
    {
        // A poll waits for less than what stands between would cut.
    }

    public void WriteRetry(int milliseconds, IBufferWriter<byte> output)
    {
        var block = Begin(64, output);
        MessageJson.WriteRetry(milliseconds, ref block);
        block.Commit();
    }

    public void WriteCursor(Position position, IBufferWriter<byte> output)
    {
        var block = Begin(96, output);
        MessageJson.WriteCursor(position, _cursors, ref block);
        block.Commit();
    }

    public void WriteGap(Position before, in Gap gap, IBufferWriter<byte> output)
    {
        var block = Begin(256, output);
        MessageJson.WriteGap(before, gap, _cursors, ref block);
        block.Commit();
    }

    public void WriteSlow(Position before, long? backlog, IBufferWriter<byte> output)
    {
        var block = Begin(128, output);
        MessageJson.WriteSlow(before, backlog, _cursors, ref block);
        block.Commit();
    }

    public void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, IBufferWriter<byte> output)
    {
        // A poll is over before it could be renewed; the next one presents another credential.
    }

    public void WriteDrain(string reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        var block = Begin(96, output);
        MessageJson.WriteDrain(reason, retryMilliseconds, ref block);
        block.Commit();
    }

    public void WriteEnd(IBufferWriter<byte> output)
    {
        var block = Begin(64, output);
        MessageJson.WriteEnd(ref block);
        block.Commit();
    }

    public void WriteClose(CloseReason reason, int retryMilliseconds, IBufferWriter<byte> output)
    {
        // The answer's last members say it: they are written when all is known (PollOutput.Finish).
    }

    private static BlockWriter Begin(int expected, IBufferWriter<byte> output)
    {
        var block = new BlockWriter(output, 1 + expected);
        block.Write(","u8);
        return block;
    }
}
