using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spillway.Delivery;
using Spillway.Events;
using Spillway.Tests.Tidy;
using Spillway.Transports.Sse;

namespace Spillway.Tests.Transports.Sse;

/// <summary>
/// Keeps tests/js/fixtures true: streams in our bytes, and what a client must read from them. There npm eventsource-parser reads them. After a change
/// that is meant, run this once with SPILLWAY_WRITE_FIXTURES=1 and commit what it wrote.
/// </summary>
public sealed class SseFixtureTests
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "js", "fixtures");
    private static readonly Position Resume = new(Encoded.Epoch, 1);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    [Fact]
    public void Raw_Stream_IsTheCommittedFixture()
    {
        var fixture = new SseFixture(Encoded.Raw);
        AddOpening(fixture, signals: true);
        fixture.AddPayload("hello", 2, "hello");
        fixture.AddUnseen(output => Encoded.Raw.WriteRetry(8_500, output), 8_500);
        fixture.AddPayload("", 3, "");
        fixture.AddKeepAlive();
        fixture.AddPayload("a\nb\rc\r\nd\n\re\r\r\n", 4, "a\nb\nc\nd\n\ne\n\n");
        fixture.AddPayload("a\rid: 666\revent: forged\r\rdata: b", 5, "a\nid: 666\nevent: forged\n\ndata: b");
        fixture.AddPayload(" one space stays: and: colons", 6, " one space stays: and: colons");
        fixture.AddPayload("\uFEFF\0\u2028\u2029\u0085\U0001F30Aä", 7, "\uFEFF\0\u2028\u2029\u0085\U0001F30Aä");
        fixture.AddEvent(new PushEvent { Topic = "t", Type = "älert: 1", Payload = "typed"u8.ToArray() }, 8, "typed");
        fixture.AddEvent(new PushEvent { Topic = "t", Payload = new byte[] { 0xFF, 0x0A, 0xFE } }, 9, "/wr+");
        fixture.AddEvent(new PushEvent { Topic = "t", Payload = "ephemeral"u8.ToArray() }, 9, "ephemeral", ephemeralNumber: 3);
        fixture.AddPayload(new string('x', 2_000), 10, new string('x', 2_000));
        AddSignals(fixture, Encoded.Raw);

        AssertCommitted("raw", fixture);
    }

    [Fact]
    public void Json_Stream_IsTheCommittedFixture()
    {
        const string Start = "{\"topic\":\"t\",\"time\":\"2026-01-31T08:00:00.123Z\",";
        var fixture = new SseFixture(Encoded.Json);
        AddOpening(fixture, signals: true);
        fixture.AddPayload("a\r\n\"b\"", 2, Start + "\"payload\":\"a\\r\\n\\\"b\\\"\"}");
        fixture.AddEvent(
            new PushEvent { Topic = "t", Type = "reading", Key = "k", ContentType = "application/json", Payload = "{\r\n\"c\":\n21.5}"u8.ToArray() },
            3,
            "{\"topic\":\"t\",\"type\":\"reading\",\"key\":\"k\",\"time\":\"2026-01-31T08:00:00.123Z\",\"contentType\":\"application/json\",\"payload\":{\"c\":21.5}}");
        fixture.AddEvent(new PushEvent { Topic = "t", Payload = new byte[] { 0xFF } }, 4, Start + "\"payloadBase64\":\"/w==\"}");
        AddSignals(fixture, Encoded.Json);

        AssertCommitted("json", fixture);
    }

    [Fact]
    public void Quiet_Stream_IsTheCommittedFixture()
    {
        var fixture = new SseFixture(Encoded.Raw);
        AddOpening(fixture, signals: false);
        fixture.AddKeepAlive();
        fixture.AddPayload("only events", 2, "only events");

        AssertCommitted("quiet", fixture);
    }

    private static void AddOpening(SseFixture fixture, bool signals)
    {
        void Write(System.Buffers.IBufferWriter<byte> output) => OpeningBlock.Write(output, 3127, Resume, signals, "c-7", KeepAlive, CursorCodec.Plain);
        if (signals)
        {
            fixture.Add(Write, "1zzz-1", "spillway-open", "{\"connection\":\"c-7\",\"keepAlive\":15,\"protocol\":1,\"retry\":3127}", 3127);
        }
        else
        {
            fixture.AddUnseen(Write, 3127);
        }
    }

    private static void AddSignals(SseFixture fixture, SseEncoder encoder)
    {
        var position = new Position(Encoded.Epoch, 35);
        fixture.Add(output => encoder.WriteCursor(position, output), "1zzz-z", "spillway-cursor", "{}");
        fixture.Add(
            output => encoder.WriteGap(position, new Gap(position, position with { Offset = 36 }, GapReason.Retention, 1), output),
            "1zzz-z",
            "spillway-gap",
            "{\"from\":\"1zzz-z\",\"to\":\"1zzz-10\",\"reason\":\"retention\",\"count\":1,\"exact\":true}");
        fixture.Add(output => encoder.WriteDrain("lifetime", 1500, output), null, "spillway-drain", "{\"reason\":\"lifetime\",\"retry\":1500}", 1500);
        fixture.Add(encoder.WriteEnd, null, "spillway-end", "{\"reason\":\"topics-ended\"}");
    }

    private static void AssertCommitted(string name, SseFixture fixture)
    {
        var expected = fixture.Expected;
        if (Environment.GetEnvironmentVariable("SPILLWAY_WRITE_FIXTURES") == "1")
        {
            File.WriteAllBytes(Path.Combine(Folder, name + ".sse"), fixture.Bytes);
            File.WriteAllText(Path.Combine(Folder, name + ".json"), expected.ToJsonString(Readable) + "\n");
        }

        Assert.Equal(Encoding.UTF8.GetString(File.ReadAllBytes(Path.Combine(Folder, name + ".sse"))), Encoding.UTF8.GetString(fixture.Bytes));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, name + ".json"))), expected), $"{name}.json says something else.");
    }
}
