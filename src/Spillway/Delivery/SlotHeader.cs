using System.Runtime.InteropServices;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What the window knows of one event beside its bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlotHeader
{
    /// <summary>The event's offset; of an ephemeral one, that of the last recorded event before it.</summary>
    public long Offset;

    /// <summary>Milliseconds since 1970 after which it is no longer delivered; <see cref="long.MaxValue"/>: never.</summary>
    public long Expires;

    /// <summary>Where its links begin, counted from the window's first.</summary>
    public long LinksAt;

    public byte LinkCount;
    public byte Rule;
    public EventFlags Flags;

    /// <summary>1: a newer event with the same topics, key and visibility is in the window. Set by the dispatcher, at any time.</summary>
    public byte Superseded;

    /// <summary>Whether no overflow policy may skip it: a critical event, or one that ends a topic.</summary>
    public readonly bool IsKept => MustKeep(Flags);

    public readonly bool IsSuperseded => Volatile.Read(in Superseded) != 0;

    public static EventPriority PriorityOf(EventFlags flags) => (EventPriority)(((byte)flags >> 4) & 3);

    public static bool MustKeep(EventFlags flags) =>
        (flags & (EventFlags.Final | EventFlags.Marker)) != 0 || PriorityOf(flags) == EventPriority.Critical;
}
