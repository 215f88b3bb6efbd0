namespace Spillway.History.Sealed;

/// <summary>A record that ended its topic.</summary>
internal readonly record struct SidecarEnd(long Offset, byte[] Topic);
