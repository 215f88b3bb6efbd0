using System.Buffers;
using System.Buffers.Binary;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.WebSocket;

/// <summary>The subprotocol <c>spillway.v1.binary</c>: each event a binary message, whose last part is the payload as it was published. Signals are text.</summary>
/// <remarks>
/// <code>
///  0  u8    1: an event. What begins with another number is to be ignored
///  1  u8    0
///  2  u16   length of the head: where the payload begins. Later versions may make it longer
///  4  i64   time, milliseconds since 1970
/// 12  u8    length of the id,           then five more: of the type, the key (u16), the content type, the traceparent, the topic (u16)
/// 20        id, type, key, content type, traceparent, topic: UTF-8, one behind the other
/// </code>
/// Little-endian.
/// </remarks>
internal sealed class WebSocketBinaryEncoder(CursorCodec? cursors = null) : WebSocketEncoder(cursors)
{
    private const int Fixed = 20;
    private const byte Event = 1;

    public override WireFormat Format => WireFormat.WebSocketBinary;

    protected override void WriteMessage(in EventRecord record, ulong epoch, IBufferWriter<byte> output)
    {
        var type = record.Type;
        var key = record.Key;
        var contentType = record.ContentType;
        var trace = record.TraceParent;
        var topic = record.Topic;
        Span<byte> id = stackalloc byte[CursorCodec.MaxLength];
        var idLength = Cursors.FormatEvent(record, epoch, id);
        var head = Fixed + idLength + type.Length + key.Length + contentType.Length + trace.Length + topic.Length;
        Frames.WriteHead(Opcode.Binary, head + record.Payload.Length, output);
        var bytes = output.GetSpan(Fixed);
        bytes[0] = Event;
        bytes[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)head);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], record.Time);
        bytes[12] = (byte)idLength;
        bytes[13] = (byte)type.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[14..], (ushort)key.Length);
        bytes[16] = (byte)contentType.Length;
        bytes[17] = (byte)trace.Length;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[18..], (ushort)topic.Length);
        output.Advance(Fixed);
        output.Write(id[..idLength]);
        output.Write(type);
        output.Write(key);
        output.Write(contentType);
        output.Write(trace);
        output.Write(topic);
        output.Write(record.Payload);
    }
}
