using System.Net.Http.Headers;
using System.Text.Json;

namespace Spillway.Client.Http;

/// <summary>Reads RFC 9457 problem details, and whatever else a proxy answers with, into an exception.</summary>
internal static class Problem
{
    private const int MaxBytes = 64 * 1024; // The hub's own are below 2 KiB; a proxy's error page is not worth more.

    public static async ValueTask<SpillwayException> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var where = response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Authority);
        if (status is >= 300 and < 400 && response.Headers.Location is { } location)
        {
            return new SpillwayException(
                status, "", "", $"The server at {where} answered {status} {response.ReasonPhrase} and points to {location}; this client follows nobody: give it the hub's own address.");
        }

        if (!IsJson(response.Content.Headers.ContentType))
        {
            return new SpillwayException(status, "", "", $"The server at {where} answered {status} {response.ReasonPhrase} without problem details.");
        }

        var body = await ReadStartAsync(response.Content, cancellationToken).ConfigureAwait(false);
        var (type, title, detail) = Parse(body);
        var name = type[(type.LastIndexOf(':') + 1)..];
        var said = detail.Length > 0 ? detail : title.Length > 0 ? title : "no detail";
        return new SpillwayException(status, type, detail, $"The hub at {where} answered {status}{(name.Length > 0 ? " " + name : "")}: {said}");
    }

    private static bool IsJson(MediaTypeHeaderValue? contentType) =>
        contentType?.MediaType is { } type && (type.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    private static (string Type, string Title, string Detail) Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? (Text(document.RootElement, "type"), Text(document.RootElement, "title"), Text(document.RootElement, "detail"))
                : ("", "", "");
        }
        catch (JsonException)
        {
            return ("", "", ""); // The status stands; a body that is cut or damaged must not hide it.
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static async ValueTask<ReadOnlyMemory<byte>> ReadStartAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var stream = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var bytes = new byte[MaxBytes];
            var length = await stream.ReadAtLeastAsync(bytes, MaxBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return bytes.AsMemory(0, length);
        }
    }
}
