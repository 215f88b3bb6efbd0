using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Spillway.Client;
using Spillway.Client.Publishing;

namespace Spillway.Tests.Client;

public sealed class EventWriterTests
{
    private static readonly string Deep = new string('[', 61) + new string(']', 61);

    public static TheoryData<string?, string, string> Payloads => new()
    {
        { null, "", "" },
        { null, "text \"é\"\n\0", ",\"payload\":\"text \\\"é\\\"\\n\\u0000\"" },
        { "image/svg+xml", "<svg/>", ",\"payload\":\"<svg/>\"" },
        { null, "\u00ff", ",\"payloadBase64\":\"/w==\"" },
        { "application/json", "{\"a\": [1e3,\"x\"]}", ",\"payload\":{\"a\": [1e3,\"x\"]}" },
        { "Application/Vnd.X+JSON ; q=1", "\"s\"", ",\"payload\":\"s\"" },
        { "application/json", "{\"a\":\n1}", ",\"payloadBase64\":\"eyJhIjoKMX0=\"" }, // A line end would end the line of NDJSON.
        { "application/json", " 1", ",\"payloadBase64\":\"IDE=\"" }, // A space outside the value would be lost.
        { "application/json", "{\"a\":", ",\"payloadBase64\":\"eyJhIjo=\"" },
        { "application/json", "1 2", ",\"payloadBase64\":\"MSAy\"" },
        { "application/json", "\u00ff", ",\"payloadBase64\":\"/w==\"" },
        { "application/json", Deep, $",\"payloadBase64\":\"{Convert.ToBase64String(Encoding.Latin1.GetBytes(Deep))}\"" },
    };

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Write_Payload_TakesTheFormThatKeepsItsBytes(string? contentType, string payload, string expected)
    {
        // Text that is not valid UTF-8 is written here as Latin-1.
        var bytes = payload == "\u00ff" ? Encoding.Latin1.GetBytes(payload) : Encoding.UTF8.GetBytes(payload);

        var json = Write(new OutgoingEvent { Topic = "a", ContentType = contentType, Payload = bytes }, null);

        var type = contentType is null ? "" : $",\"contentType\":\"{contentType}\"";
        Assert.Equal($"{{\"topic\":\"a\"{type}{expected}}}", json);
        JsonDocument.Parse(json);
    }

    [Fact]
    public void Write_EveryField_StandsUnderItsName()
    {
        var json = Write(
            new OutgoingEvent
            {
                Topic = "a",
                Alternates = ["b", "c"],
                Type = "alert",
                Key = "k",
                Priority = OutgoingPriority.Low,
                Ttl = TimeSpan.FromMilliseconds(1_500),
                Private = true,
                Final = true,
                TraceParent = "00-1-2-01",
            },
            "own-1");

        Assert.Equal(
            """{"topic":"a","alternates":["b","c"],"type":"alert","key":"k","id":"own-1","priority":"low","traceparent":"00-1-2-01","ttl":"1500ms","private":true,"final":true}""", json);
    }

    [Fact]
    public void Write_InsideAnActivity_TakesItsTraceParent()
    {
        using var activity = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();

        var json = Write(new OutgoingEvent { Topic = "a" }, null);

        Assert.Equal($"{{\"topic\":\"a\",\"traceparent\":\"{activity.Id}\"}}", json);
    }

    private static string Write(OutgoingEvent source, string? id)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, EventWriter.Options))
        {
            EventWriter.Write(writer, source, id);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
