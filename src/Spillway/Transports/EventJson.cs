using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Spillway.Events;

namespace Spillway.Transports;

/// <summary>An event as members of a JSON object on one line: the same in every transport.</summary>
internal static class EventJson
{
    // With the object around it 64 levels: what common JSON readers take by default. A deeper value would break their clients for good.
    private static readonly JsonReaderOptions PayloadRules = new() { MaxDepth = 63 };

    /// <summary>A guess at the bytes of an event's members.</summary>
    public static int ExpectedLength(in EventRecord record) =>
        160 + record.Topic.Length + record.Type.Length + record.Key.Length + record.ContentType.Length + record.TraceParent.Length + record.Payload.Length;

    /// <summary>Writes the members, from the topic on, with commas between.</summary>
    public static void WriteMembers(in EventRecord record, ref BlockWriter block)
    {
        block.Write("\"topic\":"u8);
        block.WriteJsonString(record.Topic);
        WriteOptional(",\"type\":"u8, record.Type, ref block);
        WriteOptional(",\"key\":"u8, record.Key, ref block);
        WriteTime(record.Time, ref block);
        WriteOptional(",\"contentType\":"u8, record.ContentType, ref block);
        WritePayload(record, ref block);
        WriteOptional(",\"traceparent\":"u8, record.TraceParent, ref block);
    }

    private static void WriteOptional(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref BlockWriter block)
    {
        if (!value.IsEmpty)
        {
            block.Write(name);
            block.WriteJsonString(value);
        }
    }

    private static void WriteTime(long milliseconds, ref BlockWriter block)
    {
        const int Length = 24; // 2026-01-31T08:00:00.123Z
        block.Write(",\"time\":\""u8);
        var text = block.Reserve(33);
        DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime.TryFormat(text, out _, "O", CultureInfo.InvariantCulture);
        text[Length - 1] = (byte)'Z'; // "O" writes seven digits after the second: the last four are zeros.
        block.Advance(Length);
        block.Write("\""u8);
    }

    private static void WritePayload(in EventRecord record, ref BlockWriter block)
    {
        var payload = record.Payload;
        if (!Utf8.IsValid(payload))
        {
            block.Write(",\"payloadBase64\":\""u8);
            block.WriteBase64(payload);
            block.Write("\""u8);
            return;
        }

        block.Write(",\"payload\":"u8);
        if (IsJson(record.ContentType) && IsValue(payload))
        {
            WriteOnOneLine(payload, ref block);
        }
        else
        {
            block.WriteJsonString(payload);
        }
    }

    /// <summary>Valid JSON has line breaks only between tokens, never two tokens with nothing else between: they can go.</summary>
    private static void WriteOnOneLine(ReadOnlySpan<byte> json, ref BlockWriter block)
    {
        int end;
        while ((end = json.IndexOfAny((byte)'\r', (byte)'\n')) >= 0)
        {
            block.Write(json[..end]);
            json = json[(end + 1)..];
        }

        block.Write(json);
    }

    /// <summary><c>application/json</c> and every type that ends in <c>+json</c> (RFC 6839), parameters aside.</summary>
    private static bool IsJson(ReadOnlySpan<byte> contentType)
    {
        var semicolon = contentType.IndexOf((byte)';');
        var mediaType = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim((byte)' ');
        return System.Text.Ascii.EqualsIgnoreCase(mediaType, "application/json"u8)
            || (mediaType.Length > 5 && System.Text.Ascii.EqualsIgnoreCase(mediaType[^5..], "+json"u8));
    }

    private static bool IsValue(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, isFinalBlock: true, new JsonReaderState(PayloadRules));
        try
        {
            while (reader.Read())
            {
                // To the end: what begins well may still be cut.
            }

            return true;
        }
        catch (JsonException)
        {
            return false; // The reader has no other way to say so. Rare: the publisher itself called it JSON.
        }
    }
}
