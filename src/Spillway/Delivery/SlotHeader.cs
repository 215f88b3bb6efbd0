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

    /// <summary>How many slots later the next event with the same topics, key and visibility came; 0: none yet. Set by the dispatcher, at any time.</summary>
    public uint SupersededAfter;

    /// <summary>Whether no overflow policy may skip it: a critical event, or one that ends a topic.</summary>
    public readonly bool IsKept => MustKeep(Flags);

    /// <summary>Whether an event up to a slot stands for it.</summary>
    public readonly bool IsSuperseded(long slot, long upTo) => Volatile.Read(in SupersededAfter) is var after and not 0 && slot + after <= upTo;

    public static EventPriority PriorityOf(EventFlags flags) => (EventPriority)(((byte)flags >> 4) & 3);

    public static bool MustKeep(EventFlags flags) =>
        (flags & (EventFlags.Final | EventFlags.Marker)) != 0 || PriorityOf(flags) == EventPriority.Critical;
}
