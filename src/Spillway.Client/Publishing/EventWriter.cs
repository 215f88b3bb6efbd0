using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Spillway.Client.Publishing;

/// <summary>Writes events as the JSON that <c>POST /events</c> takes, on one line.</summary>
internal static class EventWriter
{
    private const int MaxDepth = 60; // Of a payload that is written as JSON; with the event and the array around it the hub's 64 hold. Deeper goes as base64.

    /// <summary>Options for every writer given to <see cref="Write"/>. The text goes into a request, never into a page: only what JSON demands is escaped.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(Utf8JsonWriter writer, OutgoingEvent source, string? id)
    {
        writer.WriteStartObject();
        writer.WriteString("topic", source.Topic);
        if (source.Alternates.Count > 0)
        {
            writer.WriteStartArray("alternates");
            foreach (var alternate in source.Alternates)
            {
                writer.WriteStringValue(alternate);
            }

            writer.WriteEndArray();
        }

        WriteText(writer, "type", source.Type);
        WriteText(writer, "key", source.Key);
        WriteText(writer, "id", id);
        WriteText(writer, "priority", PriorityName(source.Priority));
        WriteText(writer, "traceparent", TraceParent(source));
        WriteText(writer, "ttl", TtlText(source.Ttl));
        if (source.Private)
        {
            writer.WriteBoolean("private", true);
        }

        if (source.Final)
        {
            writer.WriteBoolean("final", true);
        }

        WriteText(writer, "contentType", source.ContentType);
        WritePayload(writer, source);
        writer.WriteEndObject();
    }

    /// <summary>The protocol's word; null for none.</summary>
    public static string? PriorityName(OutgoingPriority? priority) => priority switch
    {
        null => null,
        OutgoingPriority.Normal => "normal",
        OutgoingPriority.Low => "low",
        OutgoingPriority.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(priority), priority, "Use Low, Normal or Critical."),
    };

    /// <summary>The protocol's duration; null for no limit.</summary>
    public static string? TtlText(TimeSpan? ttl) => ttl is { } time ? $"{(long)time.TotalMilliseconds}ms" : null;

    /// <summary>The event's own, else that of the current activity.</summary>
    public static string? TraceParent(OutgoingEvent source) =>
        source.TraceParent ?? (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null);

    private static void WriteText(Utf8JsonWriter writer, string member, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(member, value);
        }
    }

    /// <summary>In the shortest form that gives the hub the same bytes: JSON as it is, text as a string, everything else as base64.</summary>
    private static void WritePayload(Utf8JsonWriter writer, OutgoingEvent source)
    {
        var payload = source.Payload.Span;
        if (payload.IsEmpty)
        {
            return;
        }

        var json = MediaType.IsJson(source.ContentType);
        if (json && IsJsonOnOneLine(payload))
        {
            writer.WritePropertyName("payload");
            writer.WriteRawValue(payload, skipInputValidation: true);
        }
        else if (!json && Utf8.IsValid(payload))
        {
            writer.WriteString("payload", payload);
        }
        else
        {
            writer.WriteBase64String("payloadBase64", payload);
        }
    }

    private static bool IsJsonOnOneLine(ReadOnlySpan<byte> payload)
    {
        if (payload.ContainsAny((byte)'\r', (byte)'\n') || payload[0] == ' ' || payload[^1] == ' ' || !Utf8.IsValid(payload))
        {
            return false;
        }

        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false; // Published under a JSON type, but not JSON: the bytes go through untouched.
        }
    }
}
