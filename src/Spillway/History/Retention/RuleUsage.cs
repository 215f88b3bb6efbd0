namespace Spillway.History.Retention;

/// <summary>What a segment holds of one rule's records.</summary>
internal struct RuleUsage
{
    public long Events;

    public long Bytes;

    public long FirstOffset;

    public long LastOffset;

    /// <summary>Milliseconds since 1970; not before that of its newest record.</summary>
    public long NewestTime;
}
