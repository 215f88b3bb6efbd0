namespace Spillway.Delivery;

internal static class WireFormats
{
    /// <summary>How many formats there are; the window has one arena for each that is in use.</summary>
    public const int Count = 9;

    /// <summary>How the format's transport is named in metrics.</summary>
    public static string TransportOf(WireFormat format) => format switch
    {
        WireFormat.Poll => "polling",
        WireFormat.WebSocketJson or WireFormat.WebSocketBinary => "websocket",
        _ => "sse",
    };

    /// <summary>Whether a quiet connection gets a few bytes that nobody answers.</summary>
    public static bool HasKeepAlives(WireFormat format) => TransportOf(format) == "sse";

    /// <summary>Whether subscribers answer what keeps their connections alive.</summary>
    public static bool HasPings(WireFormat format) => format is WireFormat.WebSocketJson or WireFormat.WebSocketBinary;

    /// <summary>The same in chunks (RFC 9112, section 7.1).</summary>
    public static WireFormat Chunked(WireFormat format) => format switch
    {
        WireFormat.SseRaw or WireFormat.SseRawChunked => WireFormat.SseRawChunked,
        WireFormat.SseJson or WireFormat.SseJsonChunked => WireFormat.SseJsonChunked,
        WireFormat.SseMercure or WireFormat.SseMercureChunked => WireFormat.SseMercureChunked,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "Only event streams are sent in chunks."),
    };

    /// <summary>The same without chunks.</summary>
    public static WireFormat Plain(WireFormat format) => format switch
    {
        WireFormat.SseRawChunked => WireFormat.SseRaw,
        WireFormat.SseJsonChunked => WireFormat.SseJson,
        WireFormat.SseMercureChunked => WireFormat.SseMercure,
        _ => format,
    };
}
