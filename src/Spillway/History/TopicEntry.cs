namespace Spillway.History;

/// <summary>One topic of a segment.</summary>
internal struct TopicEntry
{
    public ulong Hash;

    /// <summary>Where the name is in the table's names.</summary>
    public int NameAt;

    public int NameLength;

    /// <summary>Public and private events, markers not counted.</summary>
    public int PublicCount;

    public int PrivateCount;

    /// <summary>Time of the newest record, milliseconds since 1970.</summary>
    public long LastTime;

    /// <summary>The first slice of its postings.</summary>
    public int FirstSlice;

    /// <summary>Number of its newest record, one higher; the writer's.</summary>
    public int LastOrdinal;

    /// <summary>Where the next posting goes; the writer's.</summary>
    public PostingTail Tail;
}
