using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Spillway.Events;
using Spillway.Ingress;

namespace Spillway.Cli.History;

/// <summary>An event as a line of JSON with the members that publishing takes; cursor and time, which the hub gives, are named so that it ignores them.</summary>
internal static class EventLine
{
    private static readonly JsonWriterOptions Legible = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(ulong epoch, in EventRecord record, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Legible);
        json.WriteStartObject();
        json.WriteString("_cursor"u8, new Position(epoch, record.Offset).ToString());
        json.WriteString("_time"u8, DateTimeOffset.FromUnixTimeMilliseconds(record.Time).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("topic"u8, record.Topic);
        WriteAlternates(json, record);
        WriteText(json, "type"u8, record.Type);
        WriteText(json, "key"u8, record.Key);
        WriteText(json, "id"u8, ScopedId.WithoutMark(record.Id));
        if (record.Priority != EventPriority.Normal)
        {
            json.WriteString("priority"u8, record.Priority.ToString().ToLowerInvariant());
        }

        if (record.TtlMilliseconds > 0)
        {
            json.WriteString("ttl"u8, string.Create(CultureInfo.InvariantCulture, $"{record.TtlMilliseconds}ms"));
        }

        WriteFlag(json, "private"u8, (record.Flags & EventFlags.Private) != 0);
        WriteFlag(json, "final"u8, (record.Flags & EventFlags.Final) != 0);
        WriteText(json, "contentType"u8, record.ContentType);
        WritePayload(json, record);
        WriteText(json, "traceparent"u8, record.TraceParent);
        json.WriteEndObject();
    }

    private static void WriteAlternates(Utf8JsonWriter json, in EventRecord record)
    {
        var any = false;
        foreach (var alternate in record.Alternates)
        {
            if (!any)
            {
                json.WriteStartArray("alternates"u8);
            }

            any = true;
            json.WriteStringValue(alternate);
        }

        if (any)
        {
            json.WriteEndArray();
        }
    }

    /// <summary>In the form that publishes the same bytes: text as text, JSON as it is, anything else in base64.</summary>
    private static void WritePayload(Utf8JsonWriter json, in EventRecord record)
    {
        var payload = record.Payload;
        if (payload.IsEmpty)
        {
            return;
        }

        if (!EventWords.IsJson(Encoding.UTF8.GetString(record.ContentType)))
        {
            if (Utf8.IsValid(payload))
            {
                json.WriteString("payload"u8, payload);
                return;
            }
        }
        else if (IsOneValueOnOneLine(payload))
        {
            json.WritePropertyName("payload"u8);
            json.WriteRawValue(payload, skipInputValidation: true);
            return;
        }

        json.WriteBase64String("payloadBase64"u8, payload);
    }

    private static bool IsOneValueOnOneLine(ReadOnlySpan<byte> payload)
    {
        if (payload.ContainsAny("\r\n"u8) || payload[0] == ' ' || payload[^1] == ' ')
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 62 });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteFlag(Utf8JsonWriter json, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            json.WriteBoolean(name, value);
        }
    }
}
