using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Spillway.Client.Http;

namespace Spillway.Client.Subscribing;

/// <summary>Writes a subscription's request: by GET while its URL is short, by a JSON body beyond.</summary>
internal static class SubscribeRequest
{
    private const int MaxQuerySelectors = 100; // The hub's default for a GET.
    private const int MaxQueryLength = 4_000; // Proxies commonly take a request line of 8 KiB, some of 4 KiB.

    /// <summary>A request that begins at <paramref name="cursor"/>, or at the options' starting point while no cursor is known.</summary>
    public static HttpRequestMessage Create(Uri baseAddress, SubscribeOptions options, string cursor)
    {
        var request = TryWriteQuery(options, cursor.Length == 0, out var query)
            ? new HttpRequestMessage(HttpMethod.Get, new Uri(baseAddress, "events?" + query))
            : new HttpRequestMessage(HttpMethod.Post, new Uri(baseAddress, "subscribe")) { Content = WriteBody(options, cursor.Length == 0) };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        request.Headers.TryAddWithoutValidation(ClientHeader.Name, ClientHeader.Value);
        if (cursor.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor);
        }

        return request;
    }

    private static bool TryWriteQuery(SubscribeOptions options, bool begin, out string query)
    {
        query = "";
        if (options.Topics.Count + options.Patterns.Count > MaxQuerySelectors)
        {
            return false;
        }

        var text = new StringBuilder("format=json");
        foreach (var topic in options.Topics)
        {
            text.Append("&topic=").Append(Uri.EscapeDataString(topic));
        }

        foreach (var pattern in options.Patterns)
        {
            text.Append("&pattern=").Append(Uri.EscapeDataString(pattern));
        }

        text.Append(options.Latest ? "&latest" : "");
        text.Append(BatchOf(options) is { } batch ? "&batch=" + batch : "");
        if (begin && options.Start.Name.Length > 0)
        {
            text.Append('&').Append(options.Start.Name).Append('=').Append(Uri.EscapeDataString(options.Start.Value));
        }

        query = text.ToString();
        return query.Length <= MaxQueryLength;
    }

    private static ByteArrayContent WriteBody(SubscribeOptions options, bool begin)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("format", "json");
            WriteNames(writer, "topics", options.Topics);
            WriteNames(writer, "patterns", options.Patterns);
            if (options.Latest)
            {
                writer.WriteBoolean("latest", true);
            }

            if (BatchOf(options) is { } batch)
            {
                writer.WriteString("batch", batch);
            }

            if (begin)
            {
                WriteStart(writer, options.Start);
            }

            writer.WriteEndObject();
        }

        var content = new ByteArrayContent(buffer.WrittenMemory.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static string? BatchOf(SubscribeOptions options) =>
        options.Batch is { } batch ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(batch.TotalMilliseconds)}ms") : null;

    private static void WriteNames(Utf8JsonWriter writer, string member, IReadOnlyList<string> names)
    {
        writer.WriteStartArray(member);
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }

    private static void WriteStart(Utf8JsonWriter writer, StartingPoint start)
    {
        switch (start.Name)
        {
            case "":
                break;
            case "last":
                writer.WritePropertyName(start.Name);
                writer.WriteRawValue(start.Value);
                break;
            case "earliest" or "snapshot":
                writer.WriteBoolean(start.Name, true);
                break;
            default:
                writer.WriteString(start.Name, start.Value);
                break;
        }
    }
}
