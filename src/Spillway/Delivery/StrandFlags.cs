namespace Spillway.Delivery;

[Flags]
internal enum StrandFlags : byte
{
    None = 0,
    InUse = 1,
    Pattern = 2,

    /// <summary>The topic has ended.</summary>
    Ended = 4,
}
