namespace Spillway;

/// <summary>Why events are missing from what is read.</summary>
public enum ReadGapReason
{
    /// <summary>They are older than what is kept.</summary>
    Retention,

    /// <summary>Their ttl has passed.</summary>
    Expired,

    /// <summary>The cursor belongs to another history: what lies between is not known here.</summary>
    Lost,

    /// <summary>They were damaged on disk.</summary>
    Corrupt,
}
