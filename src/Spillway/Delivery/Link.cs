using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>One event's place in one strand. The previous slot is absolute: it says "nothing of mine lies between" even after it left the window.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Link
{
    public int Strand;

    /// <summary>The event's number in the strand, from 1, modulo 2³².</summary>
    public uint Sequence;

    /// <summary>The slot of the strand's event before this one; 0: none.</summary>
    public long Previous;
}
