namespace Spillway.History.Retention;

/// <summary>Why a key's newest event is no longer retained.</summary>
internal enum ReleaseReason
{
    /// <summary>There is a newer one.</summary>
    Newer,

    /// <summary>Its ttl has passed.</summary>
    Expired,

    /// <summary>Its topic has ended.</summary>
    Ended,

    /// <summary>Its rule, or the hub, has more keys than are retained: it was not written for the longest.</summary>
    Keys,

    /// <summary>The hub's bytes for retained events are for those written later.</summary>
    Bytes,
}
