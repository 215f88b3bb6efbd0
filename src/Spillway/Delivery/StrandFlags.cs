namespace Spillway.Delivery;

[Flags]
internal enum StrandFlags : byte
{
    None = 0,
    InUse = 1,
    Pattern = 2,
}
