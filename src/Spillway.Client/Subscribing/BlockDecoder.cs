using System.Text;
using System.Text.Json;

namespace Spillway.Client.Subscribing;

/// <summary>Reads the JSON of events and signals. Members that this version does not know are skipped.</summary>
internal static class BlockDecoder
{
    private const int Protocol = 1;
    private static readonly TimeSpan UnknownKeepAlive = TimeSpan.FromSeconds(15); // The hub's default.
    private static readonly TimeSpan LongestKeepAlive = TimeSpan.FromDays(1); // The hub's limit.

    public static (string ConnectionId, TimeSpan KeepAlive) DecodeOpening(ReadOnlyMemory<byte> data) => Decode(data, static root =>
    {
        if (root.TryGetProperty("protocol", out var protocol) && protocol.GetInt32() is var version && version != Protocol)
        {
            throw new SpillwayException($"The hub speaks version {version} of the protocol, this client version {Protocol}; use a client of the hub's version.");
        }

        var keepAlive = root.TryGetProperty("keepAlive", out var seconds) ? seconds.GetDouble() : 0;
        return (Text(root, "connection") ?? "", keepAlive <= 0 ? UnknownKeepAlive : TimeSpan.FromSeconds(Math.Min(keepAlive, LongestKeepAlive.TotalSeconds)));
    });

    public static GapNotice DecodeGap(string cursor, ReadOnlyMemory<byte> data) => Decode(data, root => new GapNotice(cursor)
    {
        From = Text(root, "from") ?? "",
        To = Text(root, "to") ?? "",
        Reason = Enum.TryParse<GapReason>(Text(root, "reason"), ignoreCase: true, out var reason) && Enum.IsDefined(reason) ? reason : GapReason.Other,
        Count = root.TryGetProperty("count", out var count) ? count.GetInt64() : null,
        Exact = root.TryGetProperty("exact", out var exact) && exact.GetBoolean(),
    });

    public static long? DecodeBacklog(ReadOnlyMemory<byte> data) => Decode(data, static root =>
        root.TryGetProperty("backlog", out var backlog) && backlog.TryGetInt64(out var number) ? number : (long?)null);

    /// <summary>The reconnection time that a signal names, in milliseconds; null if it names none.</summary>
    public static long? DecodeRetry(ReadOnlyMemory<byte> data) => Decode(data, static root =>
        root.TryGetProperty("retry", out var retry) && retry.TryGetInt64(out var milliseconds) ? milliseconds : (long?)null);

    /// <summary>How often the hub wants a receipt, in milliseconds; null if it wants none.</summary>
    public static long? DecodeReceipts(ReadOnlyMemory<byte> data) => Decode(data, static root =>
        root.TryGetProperty("receipts", out var receipts) && receipts.TryGetInt64(out var milliseconds) ? milliseconds : (long?)null);

    public static ReceivedEvent DecodeEvent(string cursor, ReadOnlyMemory<byte> data) => Decode(data, root => new ReceivedEvent(cursor)
    {
        Topic = Text(root, "topic") ?? throw new JsonException("An event has no topic."),
        Type = Text(root, "type"),
        Key = Text(root, "key"),
        Time = root.TryGetProperty("time", out var time) ? time.GetDateTimeOffset() : default,
        ContentType = Text(root, "contentType"),
        Payload = DecodePayload(root, Text(root, "contentType")),
        TraceParent = Text(root, "traceparent"),
    });

    public static SpillwayException Malformed(Exception e) => new($"The hub sent what is not the JSON of docs/protocol.md: {e.Message}", e);

    /// <summary>A JSON payload stands in the event as it was published; every other one as a string of its text, or as base64.</summary>
    private static ReadOnlyMemory<byte> DecodePayload(JsonElement root, string? contentType)
    {
        if (root.TryGetProperty("payloadBase64", out var base64))
        {
            return base64.GetBytesFromBase64();
        }

        if (!root.TryGetProperty("payload", out var payload))
        {
            return default;
        }

        return Encoding.UTF8.GetBytes(payload.ValueKind == JsonValueKind.String && !MediaType.IsJson(contentType) ? payload.GetString()! : payload.GetRawText());
    }

    private static T Decode<T>(ReadOnlyMemory<byte> data, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(data);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            // All three are how System.Text.Json says that a value is not what it was asked for.
            throw Malformed(e);
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
