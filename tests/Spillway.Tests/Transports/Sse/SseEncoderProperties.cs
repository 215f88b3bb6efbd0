using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Spillway.Events;
using Spillway.TestKit;
using static Spillway.Tests.Transports.Sse.Encoded;

namespace Spillway.Tests.Transports.Sse;

/// <summary>Whatever a publisher may send comes back from the standard's parser, and nothing else with it.</summary>
public sealed class SseEncoderProperties
{
    private static readonly int Cases = Environment.GetEnvironmentVariable("SPILLWAY_TEST_SCALE") == "all" ? 50_000 : 2_000;
    private static readonly UTF8Encoding Strict = new(false, true);

    // What has a meaning in the stream, in JSON or in UTF-8, far more often than chance would give it.
    private static readonly byte[][] Fragments =
    [
        .. new[] { "\r", "\n", "\r\n", "\n\n", " ", ":", "data", "data: ", "id: 7", "event:", "retry: 1", "\0", "\"", "\\", "{", "}", "[1,2]", "{\"a\":\n1}", "ä", "\u2028", "\u0085", "\U0001F30A", "\uFEFF" }
            .Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F], [0xED, 0xA0, 0x80],
    ];

    private static readonly Gen<byte[]> Payloads = Gen.Frequency(
        (6, Gen.Elements(Fragments[..^5]).ListOf().Select(static parts => parts.SelectMany(static part => part).ToArray())),
        (2, Gen.Elements(Fragments).ListOf().Select(static parts => parts.SelectMany(static part => part).ToArray())),
        (1, Gen.Choose(0, 255).Select(static value => (byte)value).ArrayOf()),
        (1, Gen.Elements("null", "{\n}", "[ 1 ,\r\n {\"a\" : \"\\n\"}]", "\"x\"", "{").Select(Encoding.UTF8.GetBytes)));

    // Any text that ingress takes as a type: no control characters.
    private static readonly Gen<string?> Types = Gen.OneOf(
        Gen.Constant<string?>(null),
        Gen.Elements("a", " ", ":", "é", "\uFEFF", "message", "\u2028", "\U0001F30A", "data").ListOf().Select(static parts => (string?)string.Concat(parts)));

    private static readonly Gen<string?> ContentTypes = Gen.Elements<string?>(null, "application/json", "text/plain; charset=utf-8", "a/b+json");

    private static readonly Gen<PushEvent> Events =
        from payload in Payloads
        from type in Types
        from contentType in ContentTypes
        from topic in Gen.Elements("t", "a/b", "quote\"d", "äöü\U0001F30A", "https://example.com/x?y=z")
        select new PushEvent { Topic = topic, Type = type, ContentType = contentType, Key = topic, Payload = payload };

    [Fact]
    public void WriteEvent_AnyEventRaw_GivesThePayloadBackWithItsLineEndsMadeLineFeeds()
    {
        Prop.ForAll(Events.ToArbitrary(), static source =>
        {
            var only = Assert.Single(SseReader.Parse(Event(Raw, source)));

            var expected = TryText(source, out var text) ? text.Replace("\r\n", "\n").Replace('\r', '\n') : Convert.ToBase64String(source.Payload.Span);
            Assert.Equal(new SseEvent(TypeOf(source), expected, "1zzz-1"), only);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
    }

    [Fact]
    public void WriteEvent_AnyEventInJson_GivesEveryFieldBack()
    {
        Prop.ForAll(Events.ToArbitrary(), static source =>
        {
            var only = Assert.Single(SseReader.Parse(Event(Json, source)));

            Assert.Equal((TypeOf(source), "1zzz-1"), (only.Type, only.LastEventId));
            Assert.DoesNotContain('\n', only.Data);
            var data = JsonElement.Parse(only.Data);
            Assert.Equal(source.Topic, data.GetProperty("topic").GetString());
            Assert.Equal(source.Topic, data.GetProperty("key").GetString());
            Assert.Equal(string.IsNullOrEmpty(source.Type) ? null : source.Type, Optional(data, "type"));
            Assert.Equal(source.ContentType, Optional(data, "contentType"));
            AssertPayload(source, data);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Cases));
    }

    private static void AssertPayload(PushEvent source, JsonElement data)
    {
        if (!TryText(source, out var text))
        {
            Assert.Equal(source.Payload.ToArray(), data.GetProperty("payloadBase64").GetBytesFromBase64());
            Assert.False(data.TryGetProperty("payload", out _));
        }
        else if (source.ContentType?.EndsWith("json", StringComparison.Ordinal) == true && TryJson(text, out var value))
        {
            Assert.True(JsonElement.DeepEquals(value, data.GetProperty("payload")));
        }
        else
        {
            Assert.Equal(text, data.GetProperty("payload").GetString());
        }
    }

    private static string TypeOf(PushEvent source) => string.IsNullOrEmpty(source.Type) ? "message" : source.Type;

    private static string? Optional(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool TryText(PushEvent source, out string text)
    {
        try
        {
            text = Strict.GetString(source.Payload.Span);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static bool TryJson(string text, out JsonElement value)
    {
        try
        {
            value = JsonElement.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }
}
