using System.Runtime.InteropServices;

namespace Spillway.Delivery;

/// <summary>What every visit needs of a connection. 64 bytes; only its loop reads or writes it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal struct HotConnection
{
    /// <summary>Everything at or below is delivered, told as a gap, or not wanted. In replay: the slot at which it left, or began.</summary>
    public long Slot;

    /// <summary>The offset up to which the subscriber's cursor is justified by bytes sent.</summary>
    public long Offset;

    /// <summary>The event of which <see cref="Skip"/> bytes are sent; 0 in replay, where it is the next one after <see cref="Offset"/>.</summary>
    public long CutSlot;

    /// <summary>Bytes already sent of the event after the cursor.</summary>
    public int Skip;
    public int Feed;
    public int Generation;

    /// <summary>Its place in its feed's list of connections.</summary>
    public int MemberIndex;

    /// <summary>Sum of its strands' numbers at its slot, modulo 2³²: tells how many events lie between it and later heads, if they share none.</summary>
    public uint Passed;

    /// <summary>Sum of its strands' shared events at its slot: if it changed, <see cref="Passed"/> counts some events twice.</summary>
    public uint Shared;

    /// <summary>Tick of the last write that was taken.</summary>
    public uint LastWrite;

    /// <summary>Milliseconds since the loop began, modulo 2³², at the last write of events.</summary>
    public uint Wrote;

    public ConnectionFlags Flags;
    public ConnectionState State;
    public WireFormat Format;

    /// <summary>The <see cref="IRetryDelays.RetryMagnitude"/> of the delay that it was last told.</summary>
    public byte RetryMagnitude;
}
