using System.Text;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports;

/// <summary>Events and signals as JSON objects: what transports carry that have no fields of their own beside an event's data. docs/protocol.md, section 4.</summary>
internal static class MessageJson
{
    public static void WriteEvent(in EventRecord record, ulong epoch, CursorCodec cursors, ref BlockWriter block)
    {
        block.Write("{\"id\":\""u8);
        block.WriteId(record, epoch, cursors);
        block.Write("\","u8);
        EventJson.WriteMembers(record, ref block);
        block.Write("}"u8);
    }

    /// <summary><paramref name="receipts"/>: the least time between two, where the hub asks for them.</summary>
    public static void WriteOpen(Position resume, string connectionId, TimeSpan keepAlive, int retryMilliseconds, TimeSpan? receipts, CursorCodec cursors, ref BlockWriter block)
    {
        WriteSignal("open"u8, resume, cursors, ref block);
        block.Write(","u8);
        SignalJson.WriteOpen(connectionId, keepAlive, retryMilliseconds, ref block);
        if (receipts is { } interval)
        {
            block.Write(",\"receipts\":"u8);
            block.WriteNumber((long)interval.TotalMilliseconds);
        }

        block.Write("}"u8);
    }

    public static void WriteGap(Position before, in Gap gap, CursorCodec cursors, ref BlockWriter block)
    {
        WriteSignal("gap"u8, before, cursors, ref block);
        block.Write(","u8);
        SignalJson.WriteGap(gap, cursors, ref block);
        block.Write("}"u8);
    }

    public static void WriteSlow(Position before, long? backlog, CursorCodec cursors, ref BlockWriter block)
    {
        WriteSignal("slow"u8, before, cursors, ref block);
        if (backlog is { } events)
        {
            block.Write(",\"backlog\":"u8);
            block.WriteNumber(events);
        }

        block.Write("}"u8);
    }

    public static void WriteAuthExpiring(Position before, DateTimeOffset expires, TimeSpan left, CursorCodec cursors, ref BlockWriter block)
    {
        WriteSignal("auth-expiring"u8, before, cursors, ref block);
        block.Write(","u8);
        SignalJson.WriteAuthExpiring(expires, left, ref block);
        block.Write("}"u8);
    }

    public static void WriteCursor(Position position, CursorCodec cursors, ref BlockWriter block)
    {
        WriteSignal("cursor"u8, position, cursors, ref block);
        block.Write("}"u8);
    }

    public static void WriteRetry(int milliseconds, ref BlockWriter block)
    {
        block.Write("{\"signal\":\"retry\",\"retry\":"u8);
        block.WriteNumber(milliseconds);
        block.Write("}"u8);
    }

    public static void WriteDrain(string reason, int retryMilliseconds, ref BlockWriter block)
    {
        block.Write("{\"signal\":\"drain\",\"reason\":"u8);
        block.WriteJsonString(Encoding.UTF8.GetBytes(reason));
        block.Write(",\"retry\":"u8);
        block.WriteNumber(retryMilliseconds);
        block.Write("}"u8);
    }

    public static void WriteEnd(ref BlockWriter block) => block.Write("{\"signal\":\"end\",\"reason\":\"topics-ended\"}"u8);

    /// <summary>The beginning of a signal's object, up to its own members.</summary>
    private static void WriteSignal(ReadOnlySpan<byte> name, Position position, CursorCodec cursors, ref BlockWriter block)
    {
        block.Write("{\"signal\":\""u8);
        block.Write(name);
        block.Write("\",\"id\":\""u8);
        block.WriteCursor(position, cursors);
        block.Write("\""u8);
    }
}
