using System.Runtime.InteropServices;
using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What the dispatcher knows of one topic, or one subscribed pattern. 64 bytes, one cache line.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal unsafe struct Strand
{
    public byte* Name;
    public ushort NameLength;

    /// <summary>The rules for which <see cref="Rule"/> is right: <see cref="StrandTable.StampOf"/>; 0: none.</summary>
    public ushort RulesStamp;

    public uint Hash;

    /// <summary>Loops that have a subscriber; the dispatcher's, under its lock.</summary>
    public ulong LoopMask;

    /// <summary>Loops that were told of news and have not begun to look; changed by interlocked operations only.</summary>
    public ulong Pending;

    /// <summary>The same for critical events.</summary>
    public ulong PendingCritical;

    /// <summary>The version of the patterns for which <see cref="Matches"/> is right; below 0: for none.</summary>
    public int MatchesVersion;

    /// <summary>Index of the list of strands of matching patterns; 0: none match.</summary>
    public int Matches;

    /// <summary>Subscriptions that hold it, over all loops.</summary>
    public int References;

    public byte Rule;
    public StrandFlags Flags;

    /// <summary>1: the topic has ended, at or before its head.</summary>
    public byte Ended;

    /// <summary>0, or an ephemeral event has been linked to it, which history does not have: then 1 + the newest such event's policy.</summary>
    public byte HadEphemeral;

    /// <summary>The slot of its newest event in history that is not given up when it has left the window: one that must be kept, or whose own rule is not <see cref="OverflowPolicy.DropOldest"/>; 0: none.</summary>
    public long LastKept;
}
