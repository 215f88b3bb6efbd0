namespace Spillway.History.Retention;

/// <summary>Where the newest event of a topic and key is.</summary>
internal struct RetainedValue
{
    public long Offset;

    /// <summary>Milliseconds since 1970 after which its ttl has passed; <see cref="long.MaxValue"/>: never.</summary>
    public long Expires;

    /// <summary>The hash of its topic.</summary>
    public ulong Topic;

    public int Bytes;

    public byte Rule;

    /// <summary>Whether it is kept for this alone: it is beyond what its rule, or the hub, keeps.</summary>
    public bool IsBeyond;
}
