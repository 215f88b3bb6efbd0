using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Spillway.Client;

namespace Spillway.Cli.Subscribe;

/// <summary>For programs: an event as the protocol's JSON form has it, and its cursor.</summary>
internal sealed class JsonEventPrinter(TextWriter output) : IEventPrinter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public Task PrintAsync(ReceivedEvent received)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Write(writer, received);
        }

        return output.WriteLineAsync(Encoding.UTF8.GetString(_buffer.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter writer, ReceivedEvent received)
    {
        writer.WriteStartObject();
        writer.WriteString("cursor", received.Cursor);
        writer.WriteString("topic", received.Topic);
        WriteText(writer, "type", received.Type);
        WriteText(writer, "key", received.Key);
        writer.WriteString("time", received.Time);
        WriteText(writer, "contentType", received.ContentType);
        WritePayload(writer, received);
        WriteText(writer, "traceparent", received.TraceParent);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string member, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(member, value);
        }
    }

    private static void WritePayload(Utf8JsonWriter writer, ReceivedEvent received)
    {
        if (MediaType.IsJson(received.ContentType) && TryParse(received.Payload, out var document))
        {
            using (document)
            {
                writer.WritePropertyName("payload");
                document!.WriteTo(writer); // Anew, on one line: the publisher's own may hold line ends.
            }
        }
        else if (Utf8.IsValid(received.Payload.Span))
        {
            writer.WriteString("payload", received.Payload.Span);
        }
        else
        {
            writer.WriteBase64String("payloadBase64", received.Payload.Span);
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> payload, out JsonDocument? document)
    {
        document = null;
        try
        {
            document = JsonDocument.Parse(payload);
            return true;
        }
        catch (JsonException)
        {
            return false; // Published under a JSON type, but not JSON.
        }
    }
}
