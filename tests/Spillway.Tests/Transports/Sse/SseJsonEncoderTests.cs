using System.Text;
using System.Text.Json;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Transports.Sse.Encoded;

namespace Spillway.Tests.Transports.Sse;

public sealed class SseJsonEncoderTests
{
    private const string Start = "id: 1zzz-1\ndata: {\"topic\":\"t\",\"time\":\"2026-01-31T08:00:00.123Z\",";

    [Fact]
    public void WriteEvent_AllFields_StandInTheProtocolsOrder()
    {
        var source = new PushEvent
        {
            Topic = "plants/7",
            Alternates = ["other"],
            Type = "reading",
            Key = "sensor \"1\"",
            ContentType = "application/json",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            Payload = Encoding.UTF8.GetBytes("{\"c\":21.5}"),
        };

        Assert.Equal(
            "id: 1zzz-1\nevent: reading\n"
            + "data: {\"topic\":\"plants/7\",\"type\":\"reading\",\"key\":\"sensor \\\"1\\\"\",\"time\":\"2026-01-31T08:00:00.123Z\","
            + "\"contentType\":\"application/json\",\"payload\":{\"c\":21.5},\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}\n\n",
            EventText(Json, source));
    }

    [Theory]
    [InlineData("", "\"\"")]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\r\nb\u0001\t", "\"a\\r\\nb\\u0001\\t\"")]
    [InlineData("\"\\/", "\"\\\"\\\\/\"")]
    [InlineData("<ä>\U0001F30A", "\"<ä>\\uD83C\\uDF0A\"")]
    [InlineData("{\"a\":1}", "\"{\\\"a\\\":1}\"")]
    public void WriteEvent_PayloadWithoutJsonType_IsAString(string payload, string expected)
    {
        Assert.Equal(Start + $"\"payload\":{expected}}}\n\n", EventText(Json, Of(payload)));
    }

    [Theory]
    [InlineData("application/json", "{\"a\":1}", "{\"a\":1}")]
    [InlineData("Application/JSON; charset=utf-8", "[1]", "[1]")]
    [InlineData("application/json ;x=y", "null", "null")]
    [InlineData("application/problem+json", "\"a\"", "\"a\"")]
    [InlineData("application/json", "{\r\n  \"a\": [\n1,\r2 ]\n}\n", "{  \"a\": [1,2 ]}")]
    [InlineData("application/json", "1.50e400", "1.50e400")]
    [InlineData("application/json", "{\"a\":1,\"a\":2}", "{\"a\":1,\"a\":2}")]
    [InlineData("application/json", "\"\\ud800 \\u0000\"", "\"\\ud800 \\u0000\"")]
    [InlineData("application/json", "\"\u2028\"", "\"\u2028\"")]
    public void WriteEvent_ValidJson_IsEmbeddedAsItIsOnOneLine(string contentType, string payload, string expected)
    {
        Assert.Equal(Start + $"\"contentType\":{JsonSerializer.Serialize(contentType).Replace("\\u002B", "+")},\"payload\":{expected}}}\n\n", EventText(Json, Of(payload, null, contentType)));
    }

    [Theory]
    [InlineData("application/json", "")]
    [InlineData("application/json", " ")]
    [InlineData("application/json", "{\"a\":1")]
    [InlineData("application/json", "{} {}")]
    [InlineData("application/json", "[1,]")]
    [InlineData("application/json", "\"a\nb\"")]
    [InlineData("application/json", "// c\n1")]
    [InlineData("application/json", "NaN")]
    [InlineData("application/json", "\uFEFF1")]
    [InlineData("application/json-seq", "1")]
    [InlineData("text/json5", "1")]
    [InlineData("+json", "tru")]
    public void WriteEvent_NoJson_IsAString(string contentType, string payload)
    {
        Assert.Equal(payload, DataOf(Of(payload, null, contentType)).GetProperty("payload").GetString());
    }

    [Theory]
    [InlineData(63, JsonValueKind.Array)]
    [InlineData(64, JsonValueKind.String)]
    public void WriteEvent_JsonDeeperThanReadersTake_IsAString(int depth, JsonValueKind expected)
    {
        var payload = new string('[', depth) + new string(']', depth);

        Assert.Equal(expected, DataOf(Of(payload, null, "application/json")).GetProperty("payload").ValueKind);
    }

    [Fact]
    public void WriteEvent_PayloadThatIsNotUtf8_IsBase64EvenWithAJsonType()
    {
        var bytes = Event(Json, new PushEvent { Topic = "t", ContentType = "application/json", Payload = new byte[] { (byte)'"', 0xFF, (byte)'"' } });

        Assert.Equal(Start + "\"contentType\":\"application/json\",\"payloadBase64\":\"Iv8i\"}\n\n", Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void WriteEvent_MegabyteOfEscapes_ComesBackWhole()
    {
        var payload = new string('\u0001', 1024 * 1024);

        Assert.Equal(payload, DataOf(Of(payload)).GetProperty("payload").GetString());
    }

    private static JsonElement DataOf(PushEvent source) =>
        JsonElement.Parse(Assert.Single(SseReader.Parse(Event(Json, source))).Data);
}
