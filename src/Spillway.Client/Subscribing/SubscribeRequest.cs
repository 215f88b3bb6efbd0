using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Spillway.Client.Http;
using Spillway.Client.WebSockets;

namespace Spillway.Client.Subscribing;

/// <summary>Writes a subscription's request: by GET while its URL is short, by a JSON body beyond.</summary>
internal static class SubscribeRequest
{
    /// <summary>The most topics and patterns of a GET: the hub's limit.</summary>
    public const int MaxQuerySelectors = 100;

    /// <summary>The longest query of a request that can have no body.</summary>
    public const int MaxBareQueryLength = 7_000; // Of 8 KiB that servers commonly take for a request line; the path comes on top.

    private const int MaxQueryLength = 4_000; // Proxies commonly take a request line of 8 KiB, some of 4 KiB.

    /// <summary>A request that begins at <paramref name="cursor"/>, or at the options' starting point while no cursor is known.</summary>
    public static HttpRequestMessage CreateSse(Uri baseAddress, SubscribeOptions options, string cursor)
    {
        var request = Create(baseAddress, options, cursor, "format", "json");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        return request;
    }

    /// <summary>One poll, which waits for events that many seconds at most.</summary>
    public static HttpRequestMessage CreatePoll(Uri baseAddress, SubscribeOptions options, string cursor, int wait)
    {
        var request = Create(baseAddress, options, cursor, "wait", wait.ToString(CultureInfo.InvariantCulture));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    /// <summary>A request for a WebSocket.</summary>
    public static HttpRequestMessage CreateWebSocket(Uri baseAddress, SubscribeOptions options, string cursor)
    {
        // By its scheme the handler knows that a proxy must open a tunnel.
        var address = new UriBuilder(new Uri(baseAddress, "events")) { Scheme = baseAddress.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs, Query = WriteQuery(options, cursor.Length == 0) };
        var request = new HttpRequestMessage(HttpMethod.Get, address.Uri);
        Handshake.Offer(request);
        AddHeaders(request, cursor);
        return request;
    }

    /// <summary>The subscription as a query, with its starting point if it is to <paramref name="begin"/> there.</summary>
    public static string WriteQuery(SubscribeOptions options, bool begin)
    {
        var text = new StringBuilder();
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

        return text.ToString(1, text.Length - 1);
    }

    private static HttpRequestMessage Create(Uri baseAddress, SubscribeOptions options, string cursor, string parameter, string value)
    {
        var begin = cursor.Length == 0;
        var query = options.Topics.Count + options.Patterns.Count <= MaxQuerySelectors ? $"{parameter}={value}&{WriteQuery(options, begin)}" : null;
        var request = query?.Length <= MaxQueryLength
            ? new HttpRequestMessage(HttpMethod.Get, new Uri(baseAddress, "events?" + query))
            : new HttpRequestMessage(HttpMethod.Post, new Uri(baseAddress, "subscribe")) { Content = WriteBody(options, begin, parameter, value) };
        AddHeaders(request, cursor);
        return request;
    }

    private static void AddHeaders(HttpRequestMessage request, string cursor)
    {
        request.Headers.TryAddWithoutValidation(ClientHeader.Name, ClientHeader.Value);
        if (cursor.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor);
        }
    }

    private static ByteArrayContent WriteBody(SubscribeOptions options, bool begin, string parameter, string value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString(parameter, value);
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
