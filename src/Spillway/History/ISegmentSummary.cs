namespace Spillway.History;

/// <summary>What is always in memory of a segment, or of the index that is left of one, and the way to the rest.</summary>
internal interface ISegmentSummary
{
    /// <summary>The offset of the last record before it.</summary>
    long After { get; }

    /// <summary>The offset of its last record that readers may see, or <see cref="After"/>.</summary>
    long LastOffset { get; }

    /// <summary>Events, markers not counted.</summary>
    int Events { get; }

    /// <summary>Memory that its index takes now.</summary>
    long IndexMemory { get; }

    /// <summary>False: nothing in it is selected. True: perhaps.</summary>
    bool MayHold(Selection selection);

    /// <summary>The index, or as much of it as a selection needs; null if it is lost.</summary>
    SegmentIndex? OpenIndex(Selection? selection);
}
