using Spillway.Events;

namespace Spillway.Delivery;

/// <summary>Events skipped in one gather because their time had passed.</summary>
internal struct ExpiredTally
{
    /// <summary>Those that were not told before.</summary>
    public int Count;

    /// <summary>How many of these history has.</summary>
    public int Recorded;

    /// <summary>The last one's slot, told before or not; 0: there was none.</summary>
    public long Last;

    public void Add(long slot, in SlotHeader header, bool isTold)
    {
        Last = slot;
        Count += isTold ? 0 : 1;
        Recorded += isTold || (header.Flags & EventFlags.Ephemeral) != 0 ? 0 : 1;
    }
}
