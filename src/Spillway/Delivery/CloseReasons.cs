namespace Spillway.Delivery;

/// <summary>What reasons to close have in common.</summary>
internal static class CloseReasons
{
    /// <summary>Whether bytes are missing: an end that looks proper would hide that, so the connection is reset.</summary>
    public static bool IsCut(this CloseReason reason) => reason is CloseReason.WriteTimeout or CloseReason.PongTimeout or CloseReason.Failed or CloseReason.CutOff;
}
