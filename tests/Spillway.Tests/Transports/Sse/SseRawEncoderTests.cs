using System.Text;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Transports.Sse.Encoded;

namespace Spillway.Tests.Transports.Sse;

public sealed class SseRawEncoderTests
{
    [Fact]
    public void WriteEvent_PlainPayload_IsOneBlock()
    {
        Assert.Equal("id: 1zzz-1\ndata: hello\n\n", EventText(Raw, Of("hello")));
    }

    [Fact]
    public void WriteEvent_WithType_HasAnEventField()
    {
        Assert.Equal("id: 1zzz-10\nevent: alert\ndata: hello\n\n", EventText(Raw, Of("hello", "alert"), 36));
    }

    [Fact]
    public void WriteEvent_GreatestNumbers_HaveTheLongestId()
    {
        var record = Records.Make(Of("x"), long.MaxValue, extraFlags: EventFlags.Ephemeral, ephemeralNumber: uint.MaxValue);

        var text = Text(output => Raw.WriteEvent(new EventRecord(record), ulong.MaxValue, output));

        Assert.Equal("id: 13w5e11264sgsf-1y2p0ij32e8e7.4294967295\ndata: x\n\n", text);
    }

    [Fact]
    public void WriteEvent_EphemeralEvent_IdIsThePositionBeforeItAndItsNumber()
    {
        var bytes = Event(Raw, Of("x"), 35, EventFlags.Ephemeral, 7);

        Assert.Equal("id: 1zzz-z.7\ndata: x\n\n", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void WriteEvent_AnotherEpoch_ChangesTheIdAtOnce()
    {
        var record = Records.Make(Of("x"), 1);

        var ids = new ulong[] { 1, 2, 1 }.Select(epoch => Text(output => Raw.WriteEvent(new EventRecord(record), epoch, output))[..8]);

        Assert.Equal(["id: 11-1", "id: 12-1", "id: 11-1"], ids);
    }

    [Theory]
    [InlineData("", "data:\n")]
    [InlineData("\n", "data:\ndata:\n")]
    [InlineData("a\n", "data: a\ndata:\n")]
    [InlineData("\na", "data:\ndata: a\n")]
    [InlineData("a\nb", "data: a\ndata: b\n")]
    [InlineData("a\rb", "data: a\ndata: b\n")]
    [InlineData("a\r\nb", "data: a\ndata: b\n")]
    [InlineData("a\r\n", "data: a\ndata:\n")]
    [InlineData("a\n\rb", "data: a\ndata:\ndata: b\n")]
    [InlineData("a\r\r\nb", "data: a\ndata:\ndata: b\n")]
    [InlineData("\r", "data:\ndata:\n")]
    [InlineData(" a", "data:  a\n")]
    [InlineData("a: b", "data: a: b\n")]
    [InlineData("\0", "data: \0\n")]
    [InlineData("\uFEFFa", "data: \uFEFFa\n")]
    [InlineData("\u2028\u2029\u0085\v\f", "data: \u2028\u2029\u0085\v\f\n")]
    public void WriteEvent_AnyPayload_IsOneDataFieldForEachOfItsLines(string payload, string expected)
    {
        Assert.Equal("id: 1zzz-1\n" + expected + "\n", EventText(Raw, Of(payload)));
    }

    [Fact]
    public void WriteEvent_CarriageReturnBeforeAField_ForgesNothing()
    {
        var only = Assert.Single(SseReader.Parse(Event(Raw, Of("a\rid: 666\revent: forged\r\rdata: b"))));

        Assert.Equal(new SseEvent("message", "a\nid: 666\nevent: forged\n\ndata: b", "1zzz-1"), only);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF }, "/w==")]
    [InlineData(new byte[] { 0x61, 0x0A, 0xC3 }, "YQrD")]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 }, "7aCA")] // A surrogate is no scalar value.
    [InlineData(new byte[] { 0xC0, 0x8A }, "wIo=")] // An overlong line feed.
    public void WriteEvent_PayloadThatIsNotUtf8_IsBase64(byte[] payload, string expected)
    {
        var bytes = Event(Raw, new PushEvent { Topic = "t", Payload = payload });

        Assert.Equal($"id: 1zzz-1\ndata: {expected}\n\n", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void WriteEvent_Marker_WritesNothing()
    {
        Assert.Empty(Event(Raw, Of("x"), 1, EventFlags.Marker));
        Assert.Empty(Event(Json, Of("x"), 1, EventFlags.Marker));
    }

    [Fact]
    public void WriteEvent_MegabyteOfLineEnds_ComesBackWhole()
    {
        var payload = string.Concat(Enumerable.Repeat("\r\n\r\n\n\r", 180_000));

        var only = Assert.Single(SseReader.Parse(Event(Raw, Of(payload))));

        Assert.Equal(payload.ReplaceLineEndings("\n"), only.Data);
    }

    [Fact]
    public void WriteEvent_TenMegabytes_ComeBackWhole()
    {
        var payload = new string('ä', 5 * 1024 * 1024);

        var only = Assert.Single(SseReader.Parse(Event(Raw, Of(payload, "big"))));

        Assert.Equal(new SseEvent("big", payload, "1zzz-1"), only);
    }

    [Fact]
    public void WriteEvent_Repeated_AllocatesNothing()
    {
        var record = Records.Make(Of(new string('x', 200) + "\nsecond line", "alert"), 123_456);
        var jsonRecord = Records.Make(Of("{\"a\":[1,2,3],\"b\":\"c\"}", "alert", "application/json"), 123_457);
        var output = new System.Buffers.ArrayBufferWriter<byte>(64 * 1024);
        void WriteBoth()
        {
            output.ResetWrittenCount();
            Raw.WriteEvent(new EventRecord(record), Epoch, output);
            Json.WriteEvent(new EventRecord(record), Epoch, output);
            Json.WriteEvent(new EventRecord(jsonRecord), Epoch, output);
        }

        WriteBoth();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            WriteBoth();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
