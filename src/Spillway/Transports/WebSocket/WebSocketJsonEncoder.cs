using System.Buffers;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.WebSocket;

/// <summary>The subprotocol <c>spillway.v1.json</c>: each event a text message, a JSON object.</summary>
internal sealed class WebSocketJsonEncoder(CursorCodec? cursors = null) : WebSocketEncoder(cursors)
{
    public override WireFormat Format => WireFormat.WebSocketJson;

    protected override void WriteMessage(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        var scratch = Begin(64 + EventJson.ExpectedLength(record), out var block);
        MessageJson.WriteEvent(record, epoch, Cursors, ref block);
        Finish(Opcode.Text, scratch, ref block, output);
    }
}
