using System.Buffers;
using System.Text;
using System.Text.Json;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.TestKit;
using Spillway.Transports.Polling;
using Spillway.Transports.WebSocket;

namespace Spillway.Tests.Transports.Polling;

/// <summary>A poll's answer is one JSON object, whatever is in it and however it was written.</summary>
public sealed class PollOutputTests
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 10_000 : 500;
    private static readonly Position Cursor = new(46_655, 5); // 1zzz-5
    private static readonly string[] Fragments = [",", "]", "}", "\"", "\\", "\n", "[1,2]", "{\"entries\":[", "ä", "\u2028", "\U0001F30A", "\0", "null"];

    private readonly PollEncoder _encoder = new();

    [Theory]
    [InlineData(false, 0, """{"entries":[],"cursor":"1zzz-5"}""")]
    [InlineData(true, 0, """{"entries":[],"cursor":"1zzz-5","more":true}""")]
    [InlineData(false, 1234, """{"entries":[],"cursor":"1zzz-5","retry":1234}""")]
    public void Finish_NoEntries_IsAnEmptyList(bool more, int retry, string expected)
    {
        using var output = new PollOutput();

        Assert.Equal(expected, Encoding.UTF8.GetString(output.Finish(Cursor, more, retry, CursorCodec.Plain).Span));
        Assert.False(new PollOutput().HasEntries);
    }

    [Fact]
    public void Finish_Signals_AreEntriesLikeEvents()
    {
        using var output = new PollOutput();
        _encoder.WriteGap(new Position(46_655, 1), new Gap(new Position(46_655, 1), new Position(46_655, 3), GapReason.Retention, 2), output);
        _encoder.WriteEvent(new EventRecord(Records.Make(new PushEvent { Topic = "t", Payload = "x"u8.ToArray() }, 4)), 46_655, output);
        _encoder.WriteEnd(output);
        _encoder.WriteDrain("shutdown", 1234, output);
        _encoder.WriteSlow(new Position(46_655, 4), 7, output);
        _encoder.WriteCursor(new Position(46_655, 4), output);
        _encoder.WriteRetry(5, output);
        _encoder.WriteKeepAlive(output);
        _encoder.WriteClose(CloseReason.Shutdown, 1234, output);

        Assert.True(output.HasEntries);
        Assert.Equal(
            """{"entries":[{"signal":"gap","id":"1zzz-1","from":"1zzz-1","to":"1zzz-3","reason":"retention","count":2,"exact":true},"""
            + """{"id":"1zzz-4","topic":"t","time":"2026-01-31T08:00:00.123Z","payload":"x"},{"signal":"end","reason":"topics-ended"},{"signal":"drain","reason":"shutdown","retry":1234},"""
            + """{"signal":"slow","id":"1zzz-4","backlog":7},{"signal":"cursor","id":"1zzz-4"},{"signal":"retry","retry":5}],"cursor":"1zzz-5"}""",
            Encoding.UTF8.GetString(output.Finish(Cursor, more: false, retryMilliseconds: 0, CursorCodec.Plain).Span));
    }

    [Fact]
    public void WriteEvent_Marker_IsNothing()
    {
        var bytes = new ArrayBufferWriter<byte>();
        _encoder.WriteEvent(new EventRecord(Records.Make(new PushEvent { Topic = "t", Final = true }, 4, extraFlags: EventFlags.Marker)), 46_655, bytes);

        Assert.Equal(0, bytes.WrittenCount);
    }

    [Fact]
    public void WriteEvent_AnyEvent_IsTheMessageOfAWebSocket()
    {
        var random = new Random(7);
        for (var i = 0; i < Cases; i++)
        {
            var record = Make(random, i);
            var (entry, message) = (Encode(record), new ArrayBufferWriter<byte>());
            new WebSocketJsonEncoder().WriteEvent(new EventRecord(record), 46_655, message);

            Assert.Equal((byte)',', entry[0]);
            Assert.True(message.WrittenSpan.EndsWith(entry.AsSpan(1)));
            Assert.Equal(entry, Encode(record));
        }
    }

    [Fact]
    public void Finish_AnyEventsWrittenInAnyPieces_GivesThemBack()
    {
        var random = new Random(8);
        for (var i = 0; i < Cases; i++)
        {
            using var output = new PollOutput();
            var payloads = new List<string>();
            for (var n = random.Next(6); n > 0; n--)
            {
                var record = Make(random, n);
                payloads.Add(Encoding.UTF8.GetString(new EventRecord(record).Payload));
                WriteInPieces(output, Encode(record), random);
            }

            var answer = JsonElement.Parse(output.Finish(Cursor, more: true, retryMilliseconds: 3, CursorCodec.Plain).Span);

            Assert.Equal(payloads, answer.GetProperty("entries").EnumerateArray().Select(static entry => entry.GetProperty("payload").GetString()));
            Assert.Equal(("1zzz-5", true, 3), (answer.GetProperty("cursor").GetString(), answer.GetProperty("more").GetBoolean(), answer.GetProperty("retry").GetInt32()));
        }
    }

    private static void WriteInPieces(PollOutput output, ReadOnlySpan<byte> bytes, Random random)
    {
        while (!bytes.IsEmpty)
        {
            var length = random.Next(1, bytes.Length + 1);
            output.Write(bytes[..length]);
            bytes = bytes[length..];
        }
    }

    private static byte[] Make(Random random, int offset)
    {
        var payload = string.Concat(Enumerable.Range(0, random.Next(random.Next(10) == 0 ? 500 : 8)).Select(_ => Fragments[random.Next(Fragments.Length)]));
        return Records.Make(new PushEvent { Topic = "t/ä\"", Key = "k", Type = ",", Payload = Encoding.UTF8.GetBytes(payload) }, offset + 1);
    }

    private byte[] Encode(byte[] record)
    {
        var bytes = new ArrayBufferWriter<byte>();
        _encoder.WriteEvent(new EventRecord(record), 46_655, bytes);
        return bytes.WrittenSpan.ToArray();
    }
}
