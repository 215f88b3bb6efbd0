using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Spillway.Client;

namespace Spillway.Cli.Demo;

/// <summary>The fleet's events as they go over the wire, and back.</summary>
internal static class Wire
{
    public const string ReadingType = "reading";
    public const string AlertType = "alert";
    public const string ReadingPattern = "plant/**";
    public const string AlertPattern = "alerts/**";

    private const string Raised = "raised";
    private const string Cleared = "cleared";
    private const string Json = "application/json";

    // Payloads go into JSON and out as text, never into markup: "°C" may stand as it is.
    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static OutgoingEvent Write(Sensor sensor, Reading reading) => new()
    {
        Topic = sensor.Topic,
        Type = ReadingType,
        Key = sensor.Key,
        Id = $"{reading.Run}-{reading.Sensor}-{reading.Sequence}", // Publishing again after a failure adds nothing.
        ContentType = Json,
        Payload = WriteObject(writer =>
        {
            writer.WriteNumber("value", reading.Value);
            writer.WriteString("unit", sensor.Kind.Unit);
            writer.WriteNumber("limit", sensor.Kind.Limit);
            writer.WriteString("run", reading.Run);
            writer.WriteNumber("seq", reading.Sequence);
            writer.WriteString("time", reading.Time);
        }),
    };

    public static OutgoingEvent Write(Sensor sensor, Alert alert) => new()
    {
        Topic = sensor.AlertTopic,
        Type = AlertType,
        Key = sensor.Key,
        Priority = OutgoingPriority.Critical, // Also the end of one: a subscriber that missed it would see an alert for ever.
        Id = $"{alert.Run}-{alert.Sensor}-{alert.Reading}-{(alert.Raised ? Raised : Cleared)}",
        ContentType = Json,
        Payload = WriteObject(writer =>
        {
            writer.WriteString("sensor", $"{sensor.Site}/{sensor.Key}");
            writer.WriteString("state", alert.Raised ? Raised : Cleared);
            writer.WriteNumber("value", alert.Value);
            writer.WriteNumber("peak", alert.Peak);
            writer.WriteNumber("limit", sensor.Kind.Limit);
            writer.WriteString("unit", sensor.Kind.Unit);
            writer.WriteString("since", alert.Since);
            writer.WriteString("time", alert.Time);
        }),
    };

    /// <summary>Where a sensor's numbering stands. False for what this fleet did not write: anybody may publish.</summary>
    public static bool TryReadNumber(ReceivedEvent source, out string run, out long sequence)
    {
        (run, sequence) = ("", 0);
        using var document = TryParse(source);
        if (document is null
            || !document.RootElement.TryGetProperty("run", out var text) || text.ValueKind != JsonValueKind.String
            || !document.RootElement.TryGetProperty("seq", out var number) || number.ValueKind != JsonValueKind.Number
            || !number.TryGetInt64(out sequence))
        {
            return false;
        }

        run = text.GetString()!;
        return RunName.IsOne(run) && sequence is > 0 and < RunName.MaxSequence;
    }

    /// <summary>The alert that stands for a sensor. False if its alert has ended, or if this fleet did not write it.</summary>
    public static bool TryReadStanding(ReceivedEvent source, out DateTimeOffset since, out double peak)
    {
        (since, peak) = (default, 0);
        using var document = TryParse(source);
        return document is not null
            && document.RootElement.TryGetProperty("state", out var state) && state.ValueKind == JsonValueKind.String && state.ValueEquals(Raised)
            && document.RootElement.TryGetProperty("since", out var begin) && begin.ValueKind == JsonValueKind.String && begin.TryGetDateTimeOffset(out since)
            && document.RootElement.TryGetProperty("peak", out var highest) && highest.ValueKind == JsonValueKind.Number && highest.TryGetDouble(out peak);
    }

    private static byte[] WriteObject(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static JsonDocument? TryParse(ReceivedEvent source)
    {
        try
        {
            var document = JsonDocument.Parse(source.Payload);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
            // Not ours.
        }

        return null;
    }
}
