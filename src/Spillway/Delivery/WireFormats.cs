namespace Spillway.Delivery;

internal static class WireFormats
{
    /// <summary>How many formats there are; the window has one arena for each that is in use.</summary>
    public const int Count = 4;

    /// <summary>Whether subscribers answer what keeps their connections alive.</summary>
    public static bool HasPings(WireFormat format) => format >= WireFormat.WebSocketJson;
}
