using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.Sse;

/// <summary>SSE whose <c>data</c> is the event as one line of JSON.</summary>
internal sealed class SseJsonEncoder(CursorCodec? cursors = null) : SseEncoder(cursors)
{
    public override WireFormat Format => WireFormat.SseJson;

    protected override int ExpectedData(in EventRecord record) => EventJson.ExpectedLength(record);

    protected override void WriteData(in EventRecord record, ref BlockWriter block)
    {
        block.Write("data: {"u8);
        EventJson.WriteMembers(record, ref block);
        block.Write("}\n"u8);
    }
}
