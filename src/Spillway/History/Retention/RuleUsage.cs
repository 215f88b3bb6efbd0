namespace Spillway.History.Retention;

/// <summary>What a segment holds of one rule's records: those within its bounds, and apart from them those that are, or were, kept beyond them as the newest of their keys.</summary>
internal struct RuleUsage
{
    public long Events;

    public long Bytes;

    public long FirstOffset;

    public long LastOffset;

    /// <summary>Milliseconds since 1970; not after that of its oldest record.</summary>
    public long OldestTime;

    /// <summary>Milliseconds since 1970; not before that of its newest record.</summary>
    public long NewestTime;

    public long KeptEvents;

    public long KeptBytes;

    /// <summary>Of those that are kept: bytes that are not the newest any more, and wait to be taken.</summary>
    public long PendingBytes;

    public void Add(long offset, long bytes)
    {
        LastOffset = offset;
        FirstOffset = Events++ == 0 ? offset : FirstOffset;
        Bytes += bytes;
    }

    public void AddTime(long time)
    {
        OldestTime = Events <= 1 ? time : Math.Min(OldestTime, time);
        NewestTime = Events <= 1 ? time : Math.Max(NewestTime, time);
    }
}
