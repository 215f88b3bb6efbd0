namespace Spillway.Delivery;

internal static class WireFormats
{
    /// <summary>How many formats there are; the window has one arena for each that is in use.</summary>
    public const int Count = 2;
}
