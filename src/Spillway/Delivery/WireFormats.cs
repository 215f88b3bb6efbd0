namespace Spillway.Delivery;

internal static class WireFormats
{
    /// <summary>How many formats there are; the window has one arena for each that is in use.</summary>
    public const int Count = 5;

    /// <summary>How the format's transport is named in metrics.</summary>
    public static string TransportOf(WireFormat format) => format switch
    {
        WireFormat.SseRaw or WireFormat.SseJson => "sse",
        WireFormat.Poll => "polling",
        _ => "websocket",
    };

    /// <summary>Whether a quiet connection gets a few bytes that nobody answers.</summary>
    public static bool HasKeepAlives(WireFormat format) => format is WireFormat.SseRaw or WireFormat.SseJson;

    /// <summary>Whether subscribers answer what keeps their connections alive.</summary>
    public static bool HasPings(WireFormat format) => format is WireFormat.WebSocketJson or WireFormat.WebSocketBinary;
}
