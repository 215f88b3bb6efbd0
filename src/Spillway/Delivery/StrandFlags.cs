namespace Spillway.Delivery;

[Flags]
internal enum StrandFlags : byte
{
    None = 0,
    InUse = 1,
    Pattern = 2,

    /// <summary>An event that history has was linked to it.</summary>
    Recorded = 4,
}
