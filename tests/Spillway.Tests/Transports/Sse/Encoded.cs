using System.Buffers;
using System.Text;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Transports.Sse;

namespace Spillway.Tests.Transports.Sse;

/// <summary>The bytes that our encoders write, for tests to compare or to read back.</summary>
internal static class Encoded
{
    public const ulong Epoch = 46_655; // "zzz" in base 36
    public static readonly SseRawEncoder Raw = new();
    public static readonly SseJsonEncoder Json = new();

    public static byte[] Bytes(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }

    public static string Text(Action<IBufferWriter<byte>> write) => Encoding.UTF8.GetString(Bytes(write));

    public static byte[] Event(IWireEncoder encoder, PushEvent source, long offset = 1, EventFlags extraFlags = EventFlags.None, uint number = 0)
    {
        var record = Records.Make(source, offset, extraFlags: extraFlags, ephemeralNumber: number);
        var bytes = Bytes(output => encoder.WriteEvent(new EventRecord(record), Epoch, output));

        // Memory that comes in the smallest pieces must not change a byte.
        var tight = new TightBufferWriter();
        encoder.WriteEvent(new EventRecord(record), Epoch, tight);
        Assert.Equal(bytes, tight.Written);
        return bytes;
    }

    public static string EventText(IWireEncoder encoder, PushEvent source, long offset = 1) =>
        Encoding.UTF8.GetString(Event(encoder, source, offset));

    public static PushEvent Of(string payload, string? type = null, string? contentType = null) =>
        new() { Topic = "t", Type = type, ContentType = contentType, Payload = Encoding.UTF8.GetBytes(payload) };
}
