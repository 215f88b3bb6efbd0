using System.Buffers;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Transports.Sse;

namespace Spillway.Tests.Transports.Sse;

public sealed class ChunkedSseEncoderTests
{
    private static readonly SseEncoder[] Inner = [new SseRawEncoder(), new SseJsonEncoder()];

    [Fact]
    public void Format_EachSseFormat_IsItsChunkedOne() =>
        Assert.Equal([WireFormat.SseRawChunked, WireFormat.SseJsonChunked], Inner.Select(static inner => new ChunkedSseEncoder(inner).Format));

    [Fact]
    public void WriteEvent_AnyLength_IsOneChunkOfTheSameBytes()
    {
        foreach (var length in (int[])[0, 1, 15, 16, 255, 256, 4_096, 70_000, 300_000])
        {
            foreach (var inner in Inner)
            {
                var record = Records.Make(new PushEvent { Topic = "a", Payload = Encoding.ASCII.GetBytes(new string((char)120, length)) }, 3);

                var plain = Write(output => inner.WriteEvent(new EventRecord(record), 7, output));
                var chunk = Write(output => new ChunkedSseEncoder(inner).WriteEvent(new EventRecord(record), 7, output));

                Assert.Equal($"{plain.Length:x}\r\n{plain}\r\n", chunk);
            }
        }
    }

    [Fact]
    public void Write_EachSignal_IsAChunkOfTheSameBytes()
    {
        var position = new Position(7, 9);
        var signals = new Action<IWireEncoder, IBufferWriter<byte>>[]
        {
            static (encoder, output) => encoder.WriteKeepAlive(output),
            static (encoder, output) => encoder.WriteRetry(1_234, output),
            (encoder, output) => encoder.WriteCursor(position, output),
            (encoder, output) => encoder.WriteGap(position, new Gap(position, position, GapReason.Retention, 3), output),
            (encoder, output) => encoder.WriteSlow(position, 12, output),
            static (encoder, output) => encoder.WriteDrain("shutdown", 1_500, output),
            static (encoder, output) => encoder.WriteEnd(output),
        };

        foreach (var signal in signals)
        {
            var plain = Write(output => signal(Inner[0], output));
            var chunk = Write(output => signal(new ChunkedSseEncoder(Inner[0]), output));

            Assert.NotEmpty(plain);
            Assert.Equal($"{plain.Length:x}\r\n{plain}\r\n", chunk);
        }
    }

    [Fact]
    public void WriteEvent_Marker_IsNoChunkForThatWouldEndTheResponse()
    {
        var marker = Records.Make(new PushEvent { Topic = "a" }, 3, extraFlags: EventFlags.Marker);

        Assert.Equal("", Write(output => new ChunkedSseEncoder(Inner[0]).WriteEvent(new EventRecord(marker), 7, output)));
    }

    [Fact]
    public void WriteClose_Always_IsTheLastChunk() =>
        Assert.Equal("0\r\n\r\n", Write(static output => new ChunkedSseEncoder(Inner[0]).WriteClose(CloseReason.Shutdown, 1_000, output)));

    private static string Write(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
