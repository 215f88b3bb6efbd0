using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>What one loop has done; written by its thread, read by metrics at any time.</summary>
internal sealed class LoopCounters
{
    public long Delivered;
    public long Sends;
    public long Bytes;
    public long Visits;
    public long FellBehind;
    public long ReplayStarts;
    public long GapsTold;
    public long SignalsSent;
    public long RestBytes;
    public long RestOverflows;

    /// <summary>Writes that waited until a batch interval had passed, or until they had to be made.</summary>
    public long BatchedWrites;

    /// <summary>Events that these carried.</summary>
    public long BatchedEvents;

    /// <summary>Those of them that were made before the interval had passed, because the window of a rule, or the hub's, would have been exceeded.</summary>
    public long BatchesCutShort;

    /// <summary>Connections told that they do not keep up.</summary>
    public long SlowTold;

    /// <summary>Events that a slow connection skipped because a newer one stood for them. They are in no other counter.</summary>
    public long Superseded;

    public long[] Missed { get; } = new long[Enum.GetValues<GapReason>().Length];

    /// <summary>What of the events missed by overflow each policy gave up.</summary>
    public long[] GivenUp { get; } = new long[Enum.GetValues<OverflowPolicy>().Length];

    public long[] Closed { get; } = new long[Enum.GetValues<CloseReason>().Length];

    /// <summary>Counts events that a policy gave up.</summary>
    public void GiveUp(OverflowPolicy policy, long events)
    {
        Missed[(int)GapReason.Overflow] += events;
        GivenUp[(int)policy] += events;
    }
}
