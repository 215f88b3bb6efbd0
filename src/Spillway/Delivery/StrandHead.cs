using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>The end of a strand, in a dense array of its own: a visit reads one for every strand of its feed.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StrandHead
{
    /// <summary>The slot of the newest event; 0: none. May be ahead of the window's published head.</summary>
    public long Slot;

    /// <summary>The number of the newest event in the strand.</summary>
    public uint Sequence;

    /// <summary>How many of the strand's events belong to other strands too: where it did not change, counts of several strands may be added.</summary>
    public uint Shared;
}
