using System.Net.Http.Headers;
using System.Text.Unicode;

namespace Spillway.Client.Publishing;

/// <summary>Writes the requests below <c>/topics/</c>: the payload is the body, everything else a header.</summary>
internal static class RawRequest
{
    public static Uri TopicAddress(Uri baseAddress, string topic, string suffix = "")
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        if (topic is "." or "..")
        {
            // Every URL parser on the way would take it for a step in the path, and "./end" for the topic "end".
            throw new ArgumentException($"The topic \"{topic}\" cannot stand in a URL; publish to it with PublishAsync.", nameof(topic));
        }

        return new Uri(baseAddress, "topics/" + Uri.EscapeDataString(topic) + suffix);
    }

    public static HttpRequestMessage Create(Uri baseAddress, OutgoingEvent source, string id)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, TopicAddress(baseAddress, source.Topic)) { Content = new ReadOnlyMemoryContent(source.Payload) };
        if ((source.ContentType ?? DefaultContentType(source.Payload.Span)) is { } contentType)
        {
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(contentType, out var parsed)
                ? parsed
                : throw new ArgumentException($"The content type \"{contentType}\" is not one; use for example \"text/plain\".", nameof(source));
        }

        foreach (var alternate in source.Alternates)
        {
            Add(request, "Spillway-Alternate", alternate);
        }

        Add(request, "Spillway-Type", source.Type);
        Add(request, "Spillway-Key", source.Key);
        Add(request, "Spillway-Priority", EventWriter.PriorityName(source.Priority));
        Add(request, "Spillway-Ttl", EventWriter.TtlText(source.Ttl));
        Add(request, "Spillway-Private", source.Private ? "true" : null);
        Add(request, "Spillway-Final", source.Final ? "true" : null);
        Add(request, "Idempotency-Key", id);
        Add(request, "traceparent", EventWriter.TraceParent(source));
        return request;
    }

    /// <summary>What the hub takes for the content type where the same event comes in JSON; so an id means the same event whichever way it goes.</summary>
    private static string? DefaultContentType(ReadOnlySpan<byte> payload) =>
        payload.IsEmpty ? null : Utf8.IsValid(payload) ? "text/plain; charset=utf-8" : "application/octet-stream";

    private static void Add(HttpRequestMessage request, string header, string? value)
    {
        if (value is null)
        {
            return;
        }

        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') || value.Length != value.AsSpan().Trim().Length)
        {
            throw new ArgumentException($"The value \"{value}\" of {header} cannot stand in a header, which takes printable ASCII; publish the event with PublishAsync.");
        }

        request.Headers.TryAddWithoutValidation(header, value);
    }
}
