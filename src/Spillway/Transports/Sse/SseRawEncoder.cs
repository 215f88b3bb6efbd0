using System.Text.Unicode;
using Spillway.Delivery;
using Spillway.Events;

namespace Spillway.Transports.Sse;

/// <summary>SSE whose <c>data</c> is the payload: its lines, or base64 where it is not UTF-8.</summary>
internal class SseRawEncoder(CursorCodec? cursors = null) : SseEncoder(cursors)
{
    public override WireFormat Format => WireFormat.SseRaw;

    protected override int ExpectedData(in EventRecord record) => record.Payload.Length;

    protected override void WriteData(in EventRecord record, ref BlockWriter block)
    {
        var payload = record.Payload;
        if (!Utf8.IsValid(payload))
        {
            block.Write("data: "u8);
            block.WriteBase64(payload);
            block.Write("\n"u8);
            return;
        }

        // A bare CR ends a line for every reader of the stream. Left in, it would let a payload forge fields.
        int end;
        while ((end = payload.IndexOfAny((byte)'\r', (byte)'\n')) >= 0)
        {
            WriteLine(payload[..end], ref block);
            var isPair = payload[end] == '\r' && end + 1 < payload.Length && payload[end + 1] == '\n';
            payload = payload[(end + (isPair ? 2 : 1))..];
        }

        WriteLine(payload, ref block);
    }

    private static void WriteLine(ReadOnlySpan<byte> line, ref BlockWriter block)
    {
        block.Write(line.IsEmpty ? "data:"u8 : "data: "u8);
        block.Write(line);
        block.Write("\n"u8);
    }
}
