namespace Spillway.History;

/// <summary>One segment of a view: in memory as a whole (<see cref="Segment"/>), or stored (<c>SealedSegment</c>).</summary>
internal interface ISegment : ISegmentSummary
{
    /// <summary>Records that readers may see.</summary>
    int Count { get; }

    /// <summary>Bytes of the records.</summary>
    long Length { get; }

    /// <summary>The least and the greatest time of its records.</summary>
    long MinTime { get; }

    long MaxTime { get; }

    /// <summary>Whether retention took some of its records; the index of all may be in <see cref="HistoryView.Dropped"/>.</summary>
    bool IsCleaned { get; }

    /// <summary>Its records and its index, perhaps loaded now, or those that are selected and no others: then numbered anew. They stay while somebody holds them.</summary>
    ISegmentRecords Open(Selection? selection);

    /// <summary>The topics with their counts, perhaps read now and not kept.</summary>
    TopicTable ReadTopics();

    /// <summary>The smallest hashes of its topics (<c>TopicSketch</c>).</summary>
    ulong[] Sketch();
}
